-- CreateTable
CREATE TABLE "gauges_reading" (
    "id" INTEGER NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "took_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "taken_at" TIMESTAMPTZ(3),
    "gauges" JSONB,

    CONSTRAINT "gauges_reading_pkey" PRIMARY KEY ("id")
);
