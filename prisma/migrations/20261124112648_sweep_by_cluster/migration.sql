-- DropIndex
DROP INDEX "delivery_look_at_idx";

-- CreateIndex
CREATE INDEX "delivery_owner_cluster_look_at_idx" ON "delivery"("owner_cluster", "look_at") WHERE (state = ANY (ARRAY['pending'::text, 'parked'::text]));
