-- CreateTable
CREATE TABLE "notice_entry" (
    "event_key" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notice_entry_pkey" PRIMARY KEY ("event_key")
);

-- CreateIndex
CREATE INDEX "notice_entry_site_id_received_at_idx" ON "notice_entry"("site_id", "received_at");
