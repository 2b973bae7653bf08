-- CreateIndex
CREATE INDEX "delivery_owner_cluster_site_id_look_at_idx" ON "delivery"("owner_cluster", "site_id", "look_at") WHERE (state = ANY (ARRAY['pending'::text, 'parked'::text]));

-- DropIndex
DROP INDEX "delivery_owner_cluster_look_at_idx";
