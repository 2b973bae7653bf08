-- AlterTable
ALTER TABLE "subscription" ADD COLUMN     "filter" JSONB;
