-- Alone in its script: so it has no transaction, and writes go on meanwhile.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "agent_preference_event_key_idx" ON "agent_preference"("event_key");
