-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "kept_until" TIMESTAMPTZ(3),
ADD COLUMN     "take_overs" INTEGER NOT NULL DEFAULT 0;
