-- +goose Up

-- Delivery work, a row per person and target. A row with an empty target is
-- about the person as a whole: it finds out which targets have something to do.
-- account is the state that a guest's account in the target is to get, empty if
-- it stays. A claim is a lease, and fence tells an old holder from a new one;
-- changed counts changes, so that a holder notices new ones. Removals first.
CREATE TABLE delivery_by_person AS SELECT tenant_id, person_id, removal, next_try, lease_until, fence, attempts, changed
    FROM delivery;
DROP TABLE delivery;
CREATE TABLE delivery (
    tenant_id   TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    removal     BOOLEAN NOT NULL,
    account     TEXT NOT NULL CHECK (account IN ('', 'active', 'blocked', 'removed')),
    next_try    BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    last_error  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, person_id, target_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX delivery_due ON delivery (tenant_id, target_id, removal, next_try);
CREATE INDEX delivery_lease ON delivery (lease_until);

-- A worker that still has a lease may be calling a target: its person is not due
-- before the lease expires.
INSERT INTO delivery (tenant_id, person_id, target_id, removal, account, next_try, lease_until, fence, attempts, changed,
    last_error)
SELECT tenant_id, person_id, '', removal, '', CASE WHEN lease_until > next_try THEN lease_until ELSE next_try END, 0,
    fence + 1, attempts, changed, '' FROM delivery_by_person;
DROP TABLE delivery_by_person;
