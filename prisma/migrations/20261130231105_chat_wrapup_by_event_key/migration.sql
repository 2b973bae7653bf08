-- Alone in its script: so it has no transaction, and writes go on meanwhile.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "chat_wrapup_event_key_idx" ON "chat_wrapup"("event_key");
