-- CreateTable
CREATE TABLE "subscription" (
    "data_queue" TEXT NOT NULL,
    "site_id" TEXT NOT NULL DEFAULT '*',
    "event_type" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "subscription_pkey" PRIMARY KEY ("data_queue","site_id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "site_id" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "secrets" BYTEA,
    "secrets_key_id" TEXT,
    "event_types" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "state" TEXT NOT NULL DEFAULT 'ok',
    "broken_reason" TEXT,
    "broken_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "data" JSONB NOT NULL,
    "content_hash" TEXT NOT NULL,
    "delivery_count" INTEGER NOT NULL,
    "cluster" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" UUID NOT NULL,
    "event_key" TEXT NOT NULL,
    "data_queue" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "connection_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "owner_cluster" TEXT NOT NULL,
    "owner_workflow_id" TEXT NOT NULL,
    "lease_token" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "look_at" TIMESTAMPTZ(3) NOT NULL,
    "looks" INTEGER NOT NULL DEFAULT 0,
    "failure_type" TEXT,
    "failure_message" TEXT,
    "failure_details" JSONB,
    "receipt" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refused_event" (
    "id" UUID NOT NULL,
    "key" TEXT,
    "type" TEXT,
    "site_id" TEXT,
    "problems" JSONB NOT NULL,
    "raw" BYTEA NOT NULL,
    "cluster" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "refused_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refused_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attachment" (
    "event_key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT,
    "size" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "attachment_pkey" PRIMARY KEY ("event_key","position")
);

-- CreateIndex
CREATE INDEX "subscription_event_type_idx" ON "subscription"("event_type");

-- CreateIndex
CREATE UNIQUE INDEX "connection_site_id_consumer_name_key" ON "connection"("site_id", "consumer", "name");

-- CreateIndex
CREATE INDEX "event_site_id_received_at_idx" ON "event"("site_id", "received_at");

-- CreateIndex
CREATE INDEX "event_type_received_at_idx" ON "event"("type", "received_at");

-- CreateIndex
CREATE INDEX "delivery_event_key_idx" ON "delivery"("event_key");

-- CreateIndex
CREATE INDEX "delivery_failure_type_data_queue_site_id_idx" ON "delivery"("failure_type", "data_queue", "site_id") WHERE ("state" = 'parked');

-- CreateIndex
CREATE INDEX "delivery_look_at_idx" ON "delivery"("look_at") WHERE (state = ANY (ARRAY['pending'::text, 'parked'::text]));

-- CreateIndex
CREATE INDEX "refused_event_refused_at_idx" ON "refused_event"("refused_at");

-- CreateIndex
CREATE INDEX "refused_event_key_idx" ON "refused_event"("key");

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_event_key_fkey" FOREIGN KEY ("event_key") REFERENCES "event"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attachment" ADD CONSTRAINT "attachment_event_key_fkey" FOREIGN KEY ("event_key") REFERENCES "event"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- Checks
ALTER TABLE "subscription"
    ADD CONSTRAINT "subscription_state_check" CHECK ("state" IN ('active', 'paused')),
    ADD CONSTRAINT "subscription_site_id_check" CHECK ("site_id" <> '');

ALTER TABLE "connection"
    ADD CONSTRAINT "connection_state_check" CHECK ("state" IN ('ok', 'broken')),
    ADD CONSTRAINT "connection_broken_check" CHECK ("state" = 'ok' OR ("broken_reason" IS NOT NULL AND "broken_since" IS NOT NULL)),
    ADD CONSTRAINT "connection_secrets_check" CHECK (("secrets" IS NULL) = ("secrets_key_id" IS NULL)),
    ADD CONSTRAINT "connection_event_types_check" CHECK ("event_types" IS NOT NULL);

ALTER TABLE "event"
    ADD CONSTRAINT "event_key_check" CHECK (octet_length("key") BETWEEN 1 AND 255),
    ADD CONSTRAINT "event_delivery_count_check" CHECK ("delivery_count" >= 0);

ALTER TABLE "delivery"
    ADD CONSTRAINT "delivery_state_check" CHECK ("state" IN ('pending', 'delivered', 'parked', 'discarded')),
    ADD CONSTRAINT "delivery_settled_check" CHECK ("state" = 'pending' OR "settled_at" IS NOT NULL),
    ADD CONSTRAINT "delivery_parked_check" CHECK ("state" <> 'parked' OR "failure_type" IS NOT NULL),
    ADD CONSTRAINT "delivery_lease_check" CHECK (("lease_token" IS NULL) = ("lease_until" IS NULL)),
    ADD CONSTRAINT "delivery_counts_check" CHECK ("tries" >= 0 AND "looks" >= 0);

ALTER TABLE "refused_event"
    ADD CONSTRAINT "refused_event_position_check" CHECK ("position" >= 0);

ALTER TABLE "attachment"
    ADD CONSTRAINT "attachment_position_check" CHECK ("position" >= 0),
    ADD CONSTRAINT "attachment_size_check" CHECK ("size" = octet_length("content"));
