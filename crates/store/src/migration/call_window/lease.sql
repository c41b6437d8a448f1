-- Takes calls of a principal out of the limits of key and tenant in one decision, and books them where the lease ends.
-- A call counts for its half-second slot and the 60 seconds after it.
CREATE FUNCTION pm33_lease(
    who uuid, whose text, key_limit bigint, tenant_limit bigint,
    needed bigint, part bigint, short_millis bigint, long_millis bigint,
    OUT granted bigint, OUT life bigint, OUT booked bigint, OUT key_left bigint, OUT tenant_left bigint,
    OUT key_wait bigint, OUT tenant_wait bigint, OUT reset bigint
) LANGUAGE plpgsql AS $$
DECLARE
    millis bigint;
    current bigint;
    farthest bigint;
    oldest bigint;
BEGIN
    PERFORM set_config('app.tenant', who::text, true);
    -- What a crash of the database loses of this is half a second of counts; a sync per lease would cost more.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtextextended(who::text, 33));
    millis := floor(extract(epoch FROM clock_timestamp()) * 1000);
    current := millis / 500;
    farthest := current + long_millis / 500 + 1;
    DELETE FROM call_window w WHERE w.tenant_id = who AND w.slot < current - 120;
    -- After the clock was set back nobody is locked out for longer than a window.
    IF EXISTS (SELECT 1 FROM call_window w WHERE w.tenant_id = who AND w.slot > farthest) THEN
        WITH moved AS (
            DELETE FROM call_window w WHERE w.tenant_id = who AND w.slot > farthest RETURNING w.principal, w.calls
        )
        INSERT INTO call_window AS w (tenant_id, principal, slot, calls)
        SELECT who, m.principal, farthest, sum(m.calls) FROM moved m GROUP BY m.principal
        ON CONFLICT (tenant_id, principal, slot) DO UPDATE SET calls = w.calls + excluded.calls;
    END IF;
    SELECT key_limit - coalesce(sum(w.calls) FILTER (WHERE w.principal = whose), 0),
           tenant_limit - coalesce(sum(w.calls), 0),
           min(w.slot) FILTER (WHERE w.principal = whose AND w.calls > 0)
      INTO key_left, tenant_left, oldest
      FROM call_window w WHERE w.tenant_id = who;
    granted := least(key_left, tenant_left);
    life := short_millis;
    IF 2 * key_left > key_limit AND 2 * tenant_left > tenant_limit AND part * needed <= granted THEN
        life := long_millis;
        granted := granted / part;
    ELSE
        granted := greatest(least(granted, needed), 0);
    END IF;
    booked := (millis + life) / 500;
    IF granted > 0 THEN
        INSERT INTO call_window AS w (tenant_id, principal, slot, calls) VALUES (who, whose, booked, granted)
        ON CONFLICT (tenant_id, principal, slot) DO UPDATE SET calls = w.calls + excluded.calls;
    END IF;
    key_wait := 0;
    tenant_wait := 0;
    IF key_left <= 0 THEN
        SELECT (min(s.slot) + 121) * 500 - millis INTO key_wait FROM (
            SELECT w.slot, sum(w.calls) OVER (ORDER BY w.slot DESC) - w.calls AS newer
            FROM call_window w WHERE w.tenant_id = who AND w.principal = whose AND w.calls > 0
        ) s WHERE s.newer < key_limit;
    END IF;
    IF tenant_left <= 0 THEN
        SELECT (min(s.slot) + 121) * 500 - millis INTO tenant_wait FROM (
            SELECT t.slot, sum(t.calls) OVER (ORDER BY t.slot DESC) - t.calls AS newer
            FROM (SELECT w.slot, sum(w.calls) AS calls FROM call_window w
                  WHERE w.tenant_id = who AND w.calls > 0 GROUP BY w.slot) t
        ) s WHERE s.newer < tenant_limit;
    END IF;
    key_left := greatest(key_left - granted, 0);
    tenant_left := greatest(tenant_left - granted, 0);
    reset := (coalesce(oldest, booked) + 121) * 500 - millis;
END $$
