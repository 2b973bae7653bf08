-- Alone in its script: so it has no transaction, and writes go on meanwhile.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "visitor_event_key_idx" ON "visitor"("event_key");
