ALTER TABLE "subscription" DROP CONSTRAINT "subscription_state_check";
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_state_check" CHECK ("state" IN ('active', 'paused', 'resuming'));

ALTER TABLE "connection" ADD CONSTRAINT "connection_limits_check" CHECK ("max_in_flight" > 0 AND "rate_per_second" > 0);
