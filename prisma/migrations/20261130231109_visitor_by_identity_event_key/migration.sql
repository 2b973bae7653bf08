-- Alone in its script: so it has no transaction, and writes go on meanwhile.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "visitor_identity_event_key_idx" ON "visitor"("identity_event_key");
