-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "attempts" JSONB;
