-- +goose Up

-- Whether the addresses that a provider sends count as verified, and whether global
-- administrators are still to be told that an upgrade has switched this on. The guest
-- rule: the claim, and a list of values as JSON.
ALTER TABLE directory ADD COLUMN trust_addresses BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE directory ADD COLUMN trust_notice BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE directory ADD COLUMN guest_claim TEXT NOT NULL DEFAULT '';
ALTER TABLE directory ADD COLUMN guest_values JSONB NOT NULL DEFAULT '[]';

-- What the provider said at the last sign-in. Accounts that have not signed in since
-- the upgrade belong to their directory, and their addresses are not trusted to
-- identify a person.
ALTER TABLE account ADD COLUMN email_trusted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE account ADD COLUMN email_problem TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN belonging TEXT NOT NULL DEFAULT '' CHECK (belonging IN ('', 'guest', 'elsewhere'));
ALTER TABLE account ADD COLUMN guest_reason TEXT NOT NULL DEFAULT '';

-- A guest of the tenant's own provider can become a member.
INSERT INTO guest_move VALUES ('active', 'none'), ('blocked', 'none'), ('removed', 'none');
