-- CreateTable
CREATE TABLE "cluster_reach" (
    "cluster" TEXT NOT NULL,
    "reported_at" TIMESTAMPTZ(3) NOT NULL,
    "out_since" TIMESTAMPTZ(3),

    CONSTRAINT "cluster_reach_pkey" PRIMARY KEY ("cluster")
);
