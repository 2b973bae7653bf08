-- Alone in its script: so it has no transaction, and writes go on meanwhile.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "chat_rating_form_event_key_idx" ON "chat_rating"("form_event_key");
