-- Ends a lease of a budget: what was not used is put back, and what was counts from now on and no longer from the lease's end. A row
-- that is gone, or was moved, stays as it is: then too much counts, and never too little.
CREATE FUNCTION pm33_settle(who uuid, whose text, booked bigint, made bigint, unused bigint, of_budget bigint DEFAULT 0)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    current bigint;
BEGIN
    PERFORM set_config('app.tenant', who::text, true);
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtextextended(who::text, 33));
    current := floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint / 500;
    IF current >= booked THEN
        made := 0;
    END IF;
    UPDATE call_window w SET calls = w.calls - made - unused
     WHERE w.tenant_id = who AND w.budget = of_budget AND w.principal = whose AND w.slot = booked AND w.calls >= made + unused;
    IF FOUND AND made > 0 THEN
        INSERT INTO call_window AS w (tenant_id, budget, principal, slot, calls) VALUES (who, of_budget, whose, current, made)
        ON CONFLICT (tenant_id, budget, principal, slot) DO UPDATE SET calls = w.calls + excluded.calls;
    END IF;
END $$
