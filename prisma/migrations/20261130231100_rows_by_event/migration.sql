-- CreateIndex: an erasure finds rows by their event
CREATE INDEX "agent_preference_event_key_idx" ON "agent_preference"("event_key");

-- CreateIndex
CREATE INDEX "chat_event_key_idx" ON "chat"("event_key");

-- CreateIndex
CREATE INDEX "chat_rating_event_key_idx" ON "chat_rating"("event_key");

-- CreateIndex
CREATE INDEX "chat_rating_form_event_key_idx" ON "chat_rating"("form_event_key");

-- CreateIndex
CREATE INDEX "chat_wrapup_comment_event_key_idx" ON "chat_wrapup"("comment_event_key");

-- CreateIndex
CREATE INDEX "chat_wrapup_event_key_idx" ON "chat_wrapup"("event_key");

-- CreateIndex
CREATE INDEX "ticket_event_key_idx" ON "ticket"("event_key");

-- CreateIndex
CREATE INDEX "ticket_requester_event_key_idx" ON "ticket_requester"("event_key");

-- CreateIndex
CREATE INDEX "visitor_event_key_idx" ON "visitor"("event_key");

-- CreateIndex
CREATE INDEX "visitor_identity_event_key_idx" ON "visitor"("identity_event_key");
