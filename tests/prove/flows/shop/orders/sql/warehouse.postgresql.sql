-- What the flow writes to.
CREATE SCHEMA IF NOT EXISTS analytics;

CREATE TABLE IF NOT EXISTS analytics.orders (
  id text PRIMARY KEY,
  euros bigint NOT NULL
);

COMMENT ON TABLE analytics.orders IS 'Orders; in euros.';
