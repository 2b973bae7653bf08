-- CreateTable
CREATE TABLE "ticket_counter" (
    "site_id" TEXT NOT NULL,
    "last_number" INTEGER NOT NULL,

    CONSTRAINT "ticket_counter_pkey" PRIMARY KEY ("site_id")
);

-- CreateTable
CREATE TABLE "ticket_requester" (
    "site_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "phone" TEXT,
    "company" TEXT,
    "event_key" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_requester_pkey" PRIMARY KEY ("site_id","email")
);

-- CreateTable
CREATE TABLE "ticket" (
    "site_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "external_ticket_id" TEXT,
    "subject" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'open',
    "source" TEXT NOT NULL,
    "chat_id" TEXT,
    "source_chat_id" TEXT,
    "department_id" TEXT,
    "agent_id" TEXT,
    "agent_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "requester_email" TEXT,
    "event_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_pkey" PRIMARY KEY ("site_id","number")
);

-- CreateTable
CREATE TABLE "ticket_message" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "ticket_number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "chat_id" TEXT,
    "author_name" TEXT,
    "author_email" TEXT,
    "body" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_message_pkey" PRIMARY KEY ("event_key")
);

-- CreateTable
CREATE TABLE "ticket_attachment" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT,
    "size" INTEGER,
    "sha256" TEXT,
    "url" TEXT,
    "is_note" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "ticket_attachment_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateIndex
CREATE INDEX "ticket_site_id_requester_email_idx" ON "ticket"("site_id", "requester_email");

-- CreateIndex
CREATE UNIQUE INDEX "ticket_site_id_external_ticket_id_key" ON "ticket"("site_id", "external_ticket_id");

-- CreateIndex
CREATE UNIQUE INDEX "ticket_site_id_chat_id_key" ON "ticket"("site_id", "chat_id");

-- CreateIndex
CREATE INDEX "ticket_message_site_id_ticket_number_idx" ON "ticket_message"("site_id", "ticket_number");

-- AddForeignKey
ALTER TABLE "ticket" ADD CONSTRAINT "ticket_site_id_requester_email_fkey" FOREIGN KEY ("site_id", "requester_email") REFERENCES "ticket_requester"("site_id", "email") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_message" ADD CONSTRAINT "ticket_message_site_id_ticket_number_fkey" FOREIGN KEY ("site_id", "ticket_number") REFERENCES "ticket"("site_id", "number") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_attachment" ADD CONSTRAINT "ticket_attachment_event_key_fkey" FOREIGN KEY ("event_key") REFERENCES "ticket_message"("event_key") ON DELETE CASCADE ON UPDATE CASCADE;

-- What schema.prisma cannot say
ALTER TABLE "ticket"
    ADD CONSTRAINT "ticket_number_check" CHECK ("number" > 0),
    ADD CONSTRAINT "ticket_source_check" CHECK ("source" IN ('chat', 'offlineMessage')),
    ADD CONSTRAINT "ticket_chat_check" CHECK ("source" = 'chat' OR "chat_id" IS NULL);

ALTER TABLE "ticket_message"
    ADD CONSTRAINT "ticket_message_kind_check" CHECK ("kind" IN ('transcript', 'offlineMessage'));
