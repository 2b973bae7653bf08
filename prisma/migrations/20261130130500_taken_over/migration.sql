-- CreateIndex
CREATE INDEX "delivery_owner_cluster_kept_until_idx" ON "delivery"("owner_cluster", "kept_until") WHERE ((kept_until IS NOT NULL) AND (state = 'pending'::text));
