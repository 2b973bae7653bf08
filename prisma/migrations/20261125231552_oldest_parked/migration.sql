-- DropIndex
DROP INDEX "delivery_failure_type_data_queue_site_id_idx";

-- CreateIndex
CREATE INDEX "delivery_created_at_id_idx" ON "delivery"("created_at", "id") WHERE ("state" = 'parked');

-- CreateIndex
CREATE INDEX "delivery_failure_type_data_queue_site_id_created_at_id_idx" ON "delivery"("failure_type", "data_queue", "site_id", "created_at", "id") WHERE ("state" = 'parked');

-- CreateIndex
CREATE INDEX "delivery_connection_id_created_at_id_idx" ON "delivery"("connection_id", "created_at", "id") WHERE ("state" = 'parked' AND "failure_type" = 'ConnectionBroken');
