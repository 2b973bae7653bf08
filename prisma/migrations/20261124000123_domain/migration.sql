-- CreateTable
CREATE TABLE "chat" (
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "session_id" TEXT,
    "visitor_id" TEXT,
    "agent_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "department_id" TEXT,
    "department_name" TEXT,
    "requested_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "contact_name" TEXT,
    "contact_company" TEXT,
    "contact_phone" TEXT,
    "contact_email" TEXT,
    "product_service" TEXT,
    "transcript" TEXT,
    "social_media_source" TEXT,
    "social_media_source_text" TEXT,
    "social_profile_url" TEXT,
    "chat_type" TEXT,
    "chat_source" TEXT,
    "missed_chat_status" TEXT,
    "has_audio_chat" BOOLEAN,
    "has_video_chat" BOOLEAN,
    "has_entered_queue" BOOLEAN,
    "visitor_message_count" INTEGER,
    "agent_message_count" INTEGER,
    "agent_avg_response_time" DOUBLE PRECISION,
    "last_message_sent_by" TEXT,
    "is_new_ticket" BOOLEAN,
    "ticket_id" TEXT,
    "request_page_title" TEXT,
    "request_page_url" TEXT,
    "country" TEXT,
    "city" TEXT,
    "time_zone" TEXT,
    "language" TEXT,
    "segment_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "cobrowse_status" TEXT,
    "cobrowse_started_at" TIMESTAMPTZ(3),
    "cobrowse_ended_at" TIMESTAMPTZ(3),
    "custom_fields" JSONB NOT NULL,
    "custom_variables" JSONB NOT NULL,
    "extra" JSONB,

    CONSTRAINT "chat_pkey" PRIMARY KEY ("site_id","chat_id")
);

-- CreateTable
CREATE TABLE "chat_message" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "message_id" TEXT,
    "sent_at" TIMESTAMPTZ(3),
    "sender_type" TEXT,
    "sender_id" TEXT,
    "sender_name" TEXT,
    "content" TEXT,
    "extra" JSONB,

    CONSTRAINT "chat_message_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "chat_transfer" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "transferred_at" TIMESTAMPTZ(3),
    "kind" TEXT,
    "from_id" TEXT,
    "to_id" TEXT,
    "by_agent_id" TEXT,
    "is_successful" BOOLEAN,
    "extra" JSONB,

    CONSTRAINT "chat_transfer_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "chat_attachment" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "attachment_id" TEXT,
    "name" TEXT,
    "url" TEXT,
    "file_path" TEXT,
    "is_note" BOOLEAN,
    "extra" JSONB,

    CONSTRAINT "chat_attachment_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "chat_bot_action" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "action_id" TEXT,
    "action_chat_id" TEXT,
    "original_question" TEXT,
    "standard_question_id" TEXT,
    "answer_type" TEXT,
    "rate_type" INTEGER,
    "is_deleted" BOOLEAN,
    "is_added" BOOLEAN,
    "acted_at" TIMESTAMPTZ(3),
    "extra" JSONB,

    CONSTRAINT "chat_bot_action_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "visitor" (
    "site_id" TEXT NOT NULL,
    "visitor_id" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "country" TEXT,
    "city" TEXT,
    "time_zone" TEXT,
    "language" TEXT,
    "segment_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "identity_event_key" TEXT,
    "identity_received_at" TIMESTAMPTZ(3),
    "last_known_name" TEXT,
    "last_known_email" TEXT,
    "related_type" TEXT,
    "related_id" TEXT,

    CONSTRAINT "visitor_pkey" PRIMARY KEY ("site_id","visitor_id")
);

-- CreateTable
CREATE TABLE "chat_rating" (
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "grade" INTEGER,
    "comment" TEXT,
    "form_event_key" TEXT,
    "form_received_at" TIMESTAMPTZ(3),
    "chat_number" TEXT,
    "custom_fields" JSONB,
    "custom_variables" JSONB,
    "extra" JSONB,

    CONSTRAINT "chat_rating_pkey" PRIMARY KEY ("site_id","chat_id")
);

-- CreateTable
CREATE TABLE "chat_wrapup" (
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "event_key" TEXT,
    "received_at" TIMESTAMPTZ(3),
    "agent_id" TEXT,
    "category_ids" TEXT[],
    "submitted_at" TIMESTAMPTZ(3),
    "custom_fields" JSONB,
    "extra" JSONB,
    "comment_event_key" TEXT NOT NULL,
    "comment_received_at" TIMESTAMPTZ(3) NOT NULL,
    "comment" TEXT,

    CONSTRAINT "chat_wrapup_pkey" PRIMARY KEY ("site_id","chat_id")
);

-- CreateTable
CREATE TABLE "offline_message" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "visitor_id" TEXT,
    "session_id" TEXT,
    "source_chat_id" TEXT,
    "campaign_id" TEXT,
    "ticket_id" TEXT,
    "route_to_type" TEXT,
    "route_to_id" TEXT,
    "chat_source" TEXT,
    "auto_invitation_id" TEXT,
    "contact_name" TEXT,
    "contact_company" TEXT,
    "contact_phone" TEXT,
    "contact_email" TEXT,
    "product_service" TEXT,
    "title" TEXT,
    "content" TEXT,
    "request_page_title" TEXT,
    "request_page_url" TEXT,
    "country" TEXT,
    "city" TEXT,
    "time_zone" TEXT,
    "language" TEXT,
    "segment_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "is_integration_enabled" BOOLEAN,
    "custom_fields" JSONB NOT NULL,
    "custom_variables" JSONB NOT NULL,
    "extra" JSONB,

    CONSTRAINT "offline_message_pkey" PRIMARY KEY ("event_key")
);

-- CreateTable
CREATE TABLE "offline_message_attachment" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "name" TEXT,
    "size" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "offline_message_attachment_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "canned_message_use" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "agent_id" TEXT,
    "canned_message_id" TEXT,
    "used_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "canned_message_use_pkey" PRIMARY KEY ("event_key")
);

-- CreateTable
CREATE TABLE "private_message" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "from_agent_id" TEXT,
    "to_agent_id" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "content" TEXT,
    "attachment_id" TEXT,
    "extra" JSONB,

    CONSTRAINT "private_message_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "chat_queue_log" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "department_id" TEXT,
    "queue_length" INTEGER,
    "logged_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "chat_queue_log_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "agent_status_log" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "agent_id" TEXT,
    "status" INTEGER,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "agent_status_log_pkey" PRIMARY KEY ("event_key")
);

-- CreateTable
CREATE TABLE "auto_invitation_log" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "campaign_id" TEXT,
    "invitation_id" TEXT,
    "sent_count" INTEGER NOT NULL,
    "accepted_count" INTEGER NOT NULL,
    "refused_count" INTEGER NOT NULL,
    "logged_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "auto_invitation_log_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "auto_invitations_per_day" (
    "site_id" TEXT NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "invitation_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "sent" BIGINT NOT NULL,
    "accepted" BIGINT NOT NULL,
    "refused" BIGINT NOT NULL,

    CONSTRAINT "auto_invitations_per_day_pkey" PRIMARY KEY ("site_id","campaign_id","invitation_id","day")
);

-- CreateTable
CREATE TABLE "manual_invitation" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "agent_id" TEXT,
    "status" TEXT,
    "transcript_type" TEXT,
    "transcript_id" TEXT,
    "message" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "manual_invitation_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "visit_log" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "campaign_id" TEXT,
    "visit_count" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "visit_log_pkey" PRIMARY KEY ("event_key")
);

-- CreateTable
CREATE TABLE "visits_per_day" (
    "site_id" TEXT NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "visits" BIGINT NOT NULL,

    CONSTRAINT "visits_per_day_pkey" PRIMARY KEY ("site_id","campaign_id","day")
);

-- CreateTable
CREATE TABLE "conversion" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "entry_id" TEXT,
    "conversion_id" TEXT,
    "conversion_name" TEXT,
    "visitor_id" TEXT,
    "cookie_identity_id" TEXT,
    "chat_id" TEXT,
    "department_id" TEXT,
    "current_chat_id" TEXT,
    "current_department_id" TEXT,
    "attribution" TEXT,
    "attributed_chat_id" TEXT,
    "attributed_department_id" TEXT,
    "related_agent_id" TEXT,
    "append_info" TEXT,
    "amount" DECIMAL(65,30),
    "converted_at" TIMESTAMPTZ(3) NOT NULL,
    "is_added_to_database" BOOLEAN,
    "extra" JSONB,

    CONSTRAINT "conversion_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "agent_preference" (
    "site_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "extra" JSONB,

    CONSTRAINT "agent_preference_pkey" PRIMARY KEY ("site_id","agent_id")
);

-- CreateTable
CREATE TABLE "agent_preference_column" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "site_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "column_number" INTEGER,
    "is_visible" BOOLEAN,
    "width" INTEGER,
    "custom_variable_id" TEXT,
    "extra" JSONB,

    CONSTRAINT "agent_preference_column_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateTable
CREATE TABLE "agent_ban" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "actor_id" TEXT,
    "agent_id" TEXT,
    "kind" TEXT NOT NULL,
    "visitor_id" TEXT,
    "ip" INET,
    "ip_to" INET,
    "unknown_kind" TEXT,
    "unknown_from" TEXT,
    "unknown_to" TEXT,
    "comment" TEXT,
    "extra" JSONB,

    CONSTRAINT "agent_ban_pkey" PRIMARY KEY ("event_key")
);

-- CreateIndex
CREATE INDEX "chat_site_id_ended_at_idx" ON "chat"("site_id", "ended_at");

-- CreateIndex
CREATE INDEX "chat_site_id_visitor_id_idx" ON "chat"("site_id", "visitor_id");

-- CreateIndex
CREATE INDEX "chat_agent_ids_idx" ON "chat" USING GIN ("agent_ids");

-- CreateIndex
CREATE INDEX "chat_message_site_id_chat_id_idx" ON "chat_message"("site_id", "chat_id");

-- CreateIndex
CREATE INDEX "chat_transfer_site_id_chat_id_idx" ON "chat_transfer"("site_id", "chat_id");

-- CreateIndex
CREATE INDEX "chat_attachment_site_id_chat_id_idx" ON "chat_attachment"("site_id", "chat_id");

-- CreateIndex
CREATE INDEX "chat_bot_action_site_id_chat_id_idx" ON "chat_bot_action"("site_id", "chat_id");

-- CreateIndex
CREATE INDEX "chat_rating_site_id_received_at_idx" ON "chat_rating"("site_id", "received_at");

-- CreateIndex
CREATE INDEX "chat_wrapup_category_ids_idx" ON "chat_wrapup" USING GIN ("category_ids");

-- CreateIndex
CREATE INDEX "offline_message_site_id_received_at_idx" ON "offline_message"("site_id", "received_at");

-- CreateIndex
CREATE INDEX "offline_message_site_id_visitor_id_idx" ON "offline_message"("site_id", "visitor_id");

-- CreateIndex
CREATE INDEX "canned_message_use_site_id_used_at_idx" ON "canned_message_use"("site_id", "used_at");

-- CreateIndex
CREATE INDEX "canned_message_use_site_id_chat_id_idx" ON "canned_message_use"("site_id", "chat_id");

-- CreateIndex
CREATE INDEX "private_message_site_id_sent_at_idx" ON "private_message"("site_id", "sent_at");

-- CreateIndex
CREATE INDEX "chat_queue_log_site_id_logged_at_idx" ON "chat_queue_log"("site_id", "logged_at");

-- CreateIndex
CREATE INDEX "agent_status_log_site_id_agent_id_changed_at_idx" ON "agent_status_log"("site_id", "agent_id", "changed_at");

-- CreateIndex
CREATE INDEX "auto_invitations_per_day_site_id_day_idx" ON "auto_invitations_per_day"("site_id", "day");

-- CreateIndex
CREATE INDEX "manual_invitation_site_id_received_at_idx" ON "manual_invitation"("site_id", "received_at");

-- CreateIndex
CREATE INDEX "visits_per_day_site_id_day_idx" ON "visits_per_day"("site_id", "day");

-- CreateIndex
CREATE INDEX "conversion_site_id_converted_at_idx" ON "conversion"("site_id", "converted_at");

-- CreateIndex
CREATE INDEX "conversion_site_id_attributed_chat_id_idx" ON "conversion"("site_id", "attributed_chat_id");

-- CreateIndex
CREATE INDEX "agent_preference_column_site_id_agent_id_idx" ON "agent_preference_column"("site_id", "agent_id");

-- CreateIndex
CREATE INDEX "agent_ban_site_id_received_at_idx" ON "agent_ban"("site_id", "received_at");

-- CreateIndex
CREATE INDEX "agent_ban_site_id_visitor_id_idx" ON "agent_ban"("site_id", "visitor_id");

-- AddForeignKey
ALTER TABLE "chat_message" ADD CONSTRAINT "chat_message_site_id_chat_id_fkey" FOREIGN KEY ("site_id", "chat_id") REFERENCES "chat"("site_id", "chat_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chat_transfer" ADD CONSTRAINT "chat_transfer_site_id_chat_id_fkey" FOREIGN KEY ("site_id", "chat_id") REFERENCES "chat"("site_id", "chat_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chat_attachment" ADD CONSTRAINT "chat_attachment_site_id_chat_id_fkey" FOREIGN KEY ("site_id", "chat_id") REFERENCES "chat"("site_id", "chat_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chat_bot_action" ADD CONSTRAINT "chat_bot_action_site_id_chat_id_fkey" FOREIGN KEY ("site_id", "chat_id") REFERENCES "chat"("site_id", "chat_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "offline_message_attachment" ADD CONSTRAINT "offline_message_attachment_event_key_fkey" FOREIGN KEY ("event_key") REFERENCES "offline_message"("event_key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_preference_column" ADD CONSTRAINT "agent_preference_column_site_id_agent_id_fkey" FOREIGN KEY ("site_id", "agent_id") REFERENCES "agent_preference"("site_id", "agent_id") ON DELETE CASCADE ON UPDATE CASCADE;
