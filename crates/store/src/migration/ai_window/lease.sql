-- Takes calls of a principal out of one of a tenant's budgets (0: all calls, 1: those of AI tools), of the limits of key and
-- tenant in one decision, and books them where the lease ends. A server of before tells no budget: it means the first.
-- A call counts for its half-second slot and the 60 seconds after it. Each key that calls has as much of the tenant's limit
-- as every other, up to its own limit; what it was refused below that is kept for it, as long as it goes on calling for it,
-- and what nobody waits for is there for all.
CREATE FUNCTION pm33_lease(
    who uuid, whose text, key_limit bigint, tenant_limit bigint,
    needed bigint, part bigint, short_millis bigint, long_millis bigint, of_budget bigint DEFAULT 0,
    OUT granted bigint, OUT life bigint, OUT booked bigint, OUT key_left bigint, OUT tenant_left bigint,
    OUT key_wait bigint, OUT tenant_wait bigint, OUT reset bigint
) LANGUAGE plpgsql AS $$
DECLARE
    millis bigint;
    current bigint;
    farthest bigint;
    oldest bigint;
    -- Each key's share, what is kept for others that wait below theirs, and what that can become while nobody calls.
    share bigint;
    kept bigint := 0;
    of_others bigint;
    kept_here bigint;
    waited bigint;
    later bigint := 0;
    own bigint;
    is_below boolean;
    has_waited boolean;
BEGIN
    PERFORM set_config('app.tenant', who::text, true);
    -- What a crash of the database loses of this is half a second of counts; a sync per lease would cost more.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtextextended(who::text, 33));
    millis := floor(extract(epoch FROM clock_timestamp()) * 1000);
    current := millis / 500;
    farthest := current + long_millis / 500 + 1;
    DELETE FROM call_window w WHERE w.tenant_id = who AND w.budget = of_budget AND w.slot < current - 120;
    -- After the clock was set back nobody is locked out for longer than a window.
    IF EXISTS (SELECT 1 FROM call_window w WHERE w.tenant_id = who AND w.budget = of_budget AND w.slot > farthest) THEN
        WITH moved AS (
            DELETE FROM call_window w WHERE w.tenant_id = who AND w.budget = of_budget AND w.slot > farthest RETURNING w.principal, w.calls
        )
        INSERT INTO call_window AS w (tenant_id, budget, principal, slot, calls)
        SELECT who, of_budget, m.principal, farthest, sum(m.calls) FROM moved m GROUP BY m.principal
        ON CONFLICT (tenant_id, budget, principal, slot) DO UPDATE SET calls = w.calls + excluded.calls;
    END IF;
    SELECT key_limit - coalesce(sum(w.calls) FILTER (WHERE w.principal = whose), 0),
           tenant_limit - coalesce(sum(w.calls), 0),
           min(w.slot) FILTER (WHERE w.principal = whose AND w.calls > 0),
           coalesce(sum(w.waits) FILTER (WHERE w.principal = whose), 0)
      INTO key_left, tenant_left, oldest, waited
      FROM call_window w WHERE w.tenant_id = who AND w.budget = of_budget;
    SELECT greatest(least(key_limit, tenant_limit / greatest(count(DISTINCT w.principal), 1)), 1) INTO share FROM (
        SELECT a.principal FROM call_window a WHERE a.tenant_id = who AND a.budget = of_budget AND (a.calls > 0 OR a.waits > 0)
        UNION ALL SELECT whose
    ) w;
    is_below := key_limit - key_left < share;
    has_waited := waited > 0;
    kept_here := least(greatest(share - (key_limit - key_left), 0), 4 * waited);
    -- A key that was refused once lost more than that one call before it came: eight, which are two waits of four.
    SELECT coalesce(sum(least(greatest(share - o.calls, 0), 4 * o.waits)), 0), coalesce(sum(least(key_limit, 4 * o.waits)), 0)
      INTO kept, later
      FROM (SELECT sum(w.calls) AS calls, sum(w.waits) AS waits FROM call_window w
            WHERE w.tenant_id = who AND w.budget = of_budget AND w.principal <> whose GROUP BY w.principal) o
     WHERE o.waits > 0;
    -- What is kept for others is there for nobody but who has waited too, up to his share.
    own := CASE WHEN has_waited THEN least(greatest(share - (key_limit - key_left), 0), tenant_left) ELSE 0 END;
    granted := least(key_left, greatest(own, tenant_left - kept));
    of_others := kept;
    IF is_below AND has_waited THEN
        later := kept;
        kept := 0;
    END IF;
    life := short_millis;
    IF kept = 0 AND later = 0 AND 2 * key_left > key_limit AND 2 * tenant_left > tenant_limit AND part * needed <= granted THEN
        life := long_millis;
        granted := granted / part;
    ELSE
        granted := greatest(least(granted, needed), 0);
    END IF;
    booked := (millis + life) / 500;
    IF granted > 0 THEN
        INSERT INTO call_window AS w (tenant_id, budget, principal, slot, calls) VALUES (who, of_budget, whose, booked, granted)
        ON CONFLICT (tenant_id, budget, principal, slot) DO UPDATE SET calls = w.calls + excluded.calls;
    END IF;
    IF granted < needed THEN
        -- Who has his share now, and asks all the same, wants it again when his calls leave the window: that is known for 5 s,
        -- so that whoever comes first then leaves it to him.
        INSERT INTO call_window AS w (tenant_id, budget, principal, slot, calls, waits)
        VALUES (who, of_budget, whose, CASE WHEN is_below AND key_left > granted THEN current ELSE current - 110 END, 0, 2)
        ON CONFLICT (tenant_id, budget, principal, slot) DO UPDATE SET waits = w.waits + 2;
    ELSIF granted > 0 AND is_below AND has_waited AND tenant_left <= of_others + kept_here THEN
        -- It lives on what is kept for it: each call uses up one wait, the last of which is known for 20 s from here, so that
        -- it need not be refused again each minute. When it wants no more, or is gone, what was kept is there for all soon.
        UPDATE call_window w SET waits = w.waits - 1
         WHERE w.tenant_id = who AND w.budget = of_budget AND w.principal = whose AND w.slot = (
               SELECT min(o.slot) FROM call_window o WHERE o.tenant_id = who AND o.budget = of_budget AND o.principal = whose AND o.waits > 0);
        IF waited = 1 THEN
            INSERT INTO call_window AS w (tenant_id, budget, principal, slot, calls, waits) VALUES (who, of_budget, whose, current - 80, 0, 1)
            ON CONFLICT (tenant_id, budget, principal, slot) DO UPDATE SET waits = 1;
        END IF;
    END IF;
    key_wait := 0;
    tenant_wait := 0;
    IF key_left <= 0 THEN
        SELECT (min(s.slot) + 121) * 500 - millis INTO key_wait FROM (
            SELECT w.slot, sum(w.calls) OVER (ORDER BY w.slot DESC) - w.calls AS newer
            FROM call_window w WHERE w.tenant_id = who AND w.budget = of_budget AND w.principal = whose AND w.calls > 0
        ) s WHERE s.newer < key_limit;
    END IF;
    IF tenant_left <= kept THEN
        -- Whoever has to wait waits until there is room behind all that will be kept by then.
        SELECT (coalesce(min(s.slot), current) + 121) * 500 - millis INTO tenant_wait FROM (
            SELECT t.slot, sum(t.calls) OVER (ORDER BY t.slot DESC) - t.calls AS newer
            FROM (SELECT w.slot, sum(w.calls) AS calls FROM call_window w
                  WHERE w.tenant_id = who AND w.budget = of_budget AND w.calls > 0 GROUP BY w.slot) t
        ) s WHERE s.newer < greatest(least(tenant_limit - kept, tenant_limit - later), 1);
    END IF;
    key_left := greatest(key_left - granted, 0);
    tenant_left := greatest(tenant_left - granted, 0);
    reset := (coalesce(oldest, booked) + 121) * 500 - millis;
END $$
