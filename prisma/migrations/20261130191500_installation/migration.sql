-- CreateTable
CREATE TABLE "installation" (
    "is_only" BOOLEAN NOT NULL DEFAULT true,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),

    CONSTRAINT "installation_pkey" PRIMARY KEY ("is_only")
);

ALTER TABLE "installation" ADD CONSTRAINT "installation_is_only_check" CHECK ("is_only");

INSERT INTO "installation" DEFAULT VALUES;
