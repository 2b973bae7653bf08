-- CreateIndex
CREATE INDEX "delivery_pending_of_connection_idx" ON "delivery"("connection_id", "created_at", "id") WHERE ((state = 'pending'::text) AND (connection_id IS NOT NULL));
