-- AlterTable
ALTER TABLE "event" ADD COLUMN     "ids" UUID[];

-- CreateTable
CREATE TABLE "id_key" (
    "id" TEXT NOT NULL,
    "secrets" BYTEA NOT NULL,
    "secrets_key_id" TEXT NOT NULL,

    CONSTRAINT "id_key_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "event_ids_idx" ON "event" USING GIN ("ids");

-- CreateIndex
CREATE INDEX "event_without_ids_idx" ON "event"("key") WHERE (ids IS NULL);

-- CreateIndex: the ids of records at destinations, by value; Prisma does not know indices of expressions
CREATE INDEX "delivery_record_ids_idx" ON "delivery" USING GIN (("receipt" -> 'ids')) WHERE (("receipt" -> 'ids') IS NOT NULL);
