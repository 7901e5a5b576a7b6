-- +goose Up

-- The provider that has the domain of a passcode directory now, and that domain.
ALTER TABLE directory ADD COLUMN successor_id TEXT REFERENCES directory (id);
ALTER TABLE directory ADD COLUMN former_domain TEXT NOT NULL DEFAULT '';
CREATE INDEX directory_successor ON directory (successor_id) WHERE successor_id IS NOT NULL;

-- The passcode directory that a person was carried over from, and the address that they
-- signed in with there.
ALTER TABLE person ADD COLUMN carried_from TEXT REFERENCES directory (id);
ALTER TABLE person ADD COLUMN carried_address TEXT NOT NULL DEFAULT '';
CREATE INDEX person_carried ON person (carried_from, tenant_id, carried_address) WHERE carried_from IS NOT NULL;

-- Accounts whose provider says, without vouching for it, that they have the address of a
-- person who is not carried over yet: a code has to prove it.
CREATE TABLE carry_claim (
    tenant_id  TEXT NOT NULL REFERENCES tenant (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    address    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX carry_claim_account ON carry_claim (account_id);

-- The account that proves with the code that an address is its owner's; empty for a
-- sign-in.
ALTER TABLE passcode ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
