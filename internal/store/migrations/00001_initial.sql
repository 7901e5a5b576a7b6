-- +goose Up
-- One SQL text for SQLite and PostgreSQL. Times are milliseconds since 1970 UTC,
-- ids UUIDs in text form. Every table below a tenant carries the tenant's id in
-- its keys, so that no foreign key can cross from one tenant to another.

-- owner_id is the tenant that keeps the directory, and the only one that sees
-- it; empty for those of the installation.
CREATE TABLE directory (
    id              TEXT NOT NULL PRIMARY KEY,
    owner_id        TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('openid', 'passcode')),
    name            TEXT NOT NULL,
    issuer          TEXT NOT NULL,
    client_id       TEXT NOT NULL,
    client_secret   BYTEA,
    auth_style      TEXT NOT NULL CHECK (auth_style IN ('client_secret_basic', 'client_secret_post', 'none')),
    hint_style      TEXT NOT NULL CHECK (hint_style IN ('none', 'domain_hint', 'hd', 'kc_idp_hint', 'connector_id')),
    tenant_claim    TEXT NOT NULL,
    tenant_value    TEXT NOT NULL,
    scopes          TEXT NOT NULL,
    confirmed_hosts TEXT NOT NULL,
    enabled         BOOLEAN NOT NULL,
    version         BIGINT NOT NULL,
    UNIQUE (owner_id, name),
    CHECK ((kind = 'passcode') = (issuer = ''))
);

-- scope is the owner of the directory. proof says how it is known that the
-- domain belongs to it; a pending one counts for nothing yet.
CREATE TABLE directory_domain (
    scope        TEXT NOT NULL,
    name         TEXT NOT NULL,
    directory_id TEXT NOT NULL REFERENCES directory (id),
    position     BIGINT NOT NULL,
    proof        TEXT NOT NULL CHECK (proof IN ('operator', 'dns', 'mail', 'pending')),
    token        TEXT NOT NULL,
    PRIMARY KEY (scope, name)
);
CREATE INDEX directory_domain_directory ON directory_domain (directory_id, position);

CREATE TABLE tenant (
    id           TEXT NOT NULL PRIMARY KEY,
    directory_id TEXT NOT NULL UNIQUE REFERENCES directory (id),
    name         TEXT NOT NULL,
    settings     JSONB NOT NULL,
    version      BIGINT NOT NULL
);

CREATE TABLE account (
    id           TEXT NOT NULL PRIMARY KEY,
    directory_id TEXT NOT NULL REFERENCES directory (id),
    subject      TEXT NOT NULL CHECK (subject <> ''),
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    language     TEXT NOT NULL,
    created      BIGINT NOT NULL,
    UNIQUE (directory_id, subject)
);

-- The legal moves of a guest: the table of internal/access as rows.
CREATE TABLE guest_move (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO guest_move VALUES
    ('none', 'active'), ('active', 'blocked'), ('active', 'removed'),
    ('blocked', 'active'), ('blocked', 'removed'), ('removed', 'active');

CREATE TABLE person (
    tenant_id    TEXT NOT NULL REFERENCES tenant (id),
    id           TEXT NOT NULL,
    account_id   TEXT REFERENCES account (id),
    directory_id TEXT NOT NULL REFERENCES directory (id),
    domain       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('member', 'guest', 'external')),
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT NOT NULL,
    language     TEXT NOT NULL,
    time_zone    TEXT NOT NULL,
    manager_id   TEXT,
    attributes   JSONB NOT NULL,
    disabled     BOOLEAN NOT NULL,
    guest        TEXT NOT NULL CHECK (guest IN ('none', 'active', 'blocked', 'removed')),
    governed     BOOLEAN NOT NULL,
    remove_due   BIGINT,
    invited_by   TEXT,
    created      BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    sort_name    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, account_id),
    FOREIGN KEY (tenant_id, manager_id) REFERENCES person (tenant_id, id),
    CHECK (kind <> 'member' OR guest = 'none'),
    CHECK (guest <> 'none' OR remove_due IS NULL)
);
CREATE INDEX person_email ON person (tenant_id, email_key, id);
CREATE INDEX person_name ON person (tenant_id, sort_name, id);
CREATE INDEX person_kind ON person (tenant_id, kind, sort_name, id);
CREATE INDEX person_guest ON person (tenant_id, guest, sort_name, id);
CREATE INDEX person_governed ON person (tenant_id, governed, sort_name, id);
CREATE INDEX person_disabled ON person (tenant_id, disabled, sort_name, id);
CREATE INDEX person_directory ON person (directory_id, tenant_id);
CREATE INDEX person_manager ON person (tenant_id, manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX person_account ON person (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX person_remove_due ON person (remove_due) WHERE remove_due IS NOT NULL;

CREATE TABLE guest_history (
    tenant_id  TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    at         BIGINT NOT NULL,
    reason     TEXT NOT NULL,
    PRIMARY KEY (tenant_id, person_id, seq),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (from_state, to_state) REFERENCES guest_move (from_state, to_state)
);

CREATE TABLE person_sponsor (
    tenant_id  TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    sponsor_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, person_id, sponsor_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, sponsor_id) REFERENCES person (tenant_id, id)
);

CREATE TABLE organization (
    tenant_id   TEXT NOT NULL REFERENCES tenant (id),
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('configured', 'proposed')),
    version     BIGINT NOT NULL,
    sort_name   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX organization_name ON organization (tenant_id, sort_name);
CREATE INDEX organization_listed ON organization (tenant_id, sort_name, id);
CREATE INDEX organization_state ON organization (tenant_id, state, sort_name, id);

-- A directory belongs to at most one connected organization of a tenant.
CREATE TABLE organization_directory (
    tenant_id       TEXT NOT NULL,
    directory_id    TEXT NOT NULL REFERENCES directory (id),
    organization_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, directory_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
);
CREATE INDEX organization_directory_organization ON organization_directory (tenant_id, organization_id);

CREATE TABLE organization_sponsor (
    tenant_id       TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    side            TEXT NOT NULL CHECK (side IN ('internal', 'external')),
    person_id       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, side, person_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

-- The built-in directory: groups, teams, sites and applications, who is in
-- them, and a ledger of every effect that delivery has had.
CREATE TABLE directory_entry (
    tenant_id   TEXT NOT NULL REFERENCES tenant (id),
    id          TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('group', 'team', 'site', 'application')),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    link        TEXT NOT NULL,
    roles       JSONB NOT NULL,
    version     BIGINT NOT NULL,
    sort_name   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX directory_entry_name ON directory_entry (tenant_id, sort_name);
CREATE INDEX directory_entry_listed ON directory_entry (tenant_id, sort_name, id);
CREATE INDEX directory_entry_kind ON directory_entry (tenant_id, kind, sort_name, id);

CREATE TABLE directory_member (
    tenant_id TEXT NOT NULL,
    entry_id  TEXT NOT NULL,
    role      TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, role, person_id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES directory_entry (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX directory_member_person ON directory_member (tenant_id, person_id, role, entry_id);

-- Who may hand an entry out: put it into a catalog, and see to its members.
CREATE TABLE directory_owner (
    tenant_id TEXT NOT NULL,
    entry_id  TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, person_id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES directory_entry (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX directory_owner_person ON directory_owner (tenant_id, person_id);

CREATE TABLE directory_account (
    tenant_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'removed')),
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

CREATE TABLE directory_effect (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id        TEXT NOT NULL,
    at        BIGINT NOT NULL,
    effect    TEXT NOT NULL CHECK (effect IN ('add', 'remove', 'active', 'blocked', 'removed')),
    entry_id  TEXT NOT NULL,
    role      TEXT NOT NULL,
    person_id TEXT NOT NULL,
    call_key  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE target (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id        TEXT NOT NULL,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    config    JSONB NOT NULL,
    secrets   BYTEA,
    version   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

-- A catalog or an access package that was deleted keeps its row, for what was
-- asked for and held; its name is free again.
CREATE TABLE catalog (
    tenant_id   TEXT NOT NULL REFERENCES tenant (id),
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    published   BOOLEAN NOT NULL,
    external    BOOLEAN NOT NULL,
    version     BIGINT NOT NULL,
    sort_name   TEXT NOT NULL,
    deleted     BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX catalog_name ON catalog (tenant_id, sort_name) WHERE deleted IS NULL;
CREATE INDEX catalog_listed ON catalog (tenant_id, sort_name, id);
CREATE INDEX catalog_published ON catalog (tenant_id, published, sort_name, id);
CREATE INDEX catalog_external ON catalog (tenant_id, external, sort_name, id);

CREATE TABLE resource (
    tenant_id   TEXT NOT NULL,
    id          TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('group', 'team', 'site', 'application')),
    external_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    link        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, target_id, external_id),
    FOREIGN KEY (tenant_id, target_id) REFERENCES target (tenant_id, id)
);

-- Which catalogs may hand a resource out. A resource is one row however many
-- catalogs it is in, so that its grants are counted together (F-055).
CREATE TABLE catalog_resource (
    tenant_id   TEXT NOT NULL,
    catalog_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, catalog_id, resource_id),
    FOREIGN KEY (tenant_id, catalog_id) REFERENCES catalog (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);

CREATE TABLE resource_role (
    tenant_id   TEXT NOT NULL,
    id          TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, resource_id, external_id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);

CREATE TABLE package (
    tenant_id   TEXT NOT NULL,
    id          TEXT NOT NULL,
    catalog_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    hidden      BOOLEAN NOT NULL,
    version     BIGINT NOT NULL,
    sort_name   TEXT NOT NULL,
    search      TEXT NOT NULL,
    deleted     BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, catalog_id) REFERENCES catalog (tenant_id, id)
);
CREATE UNIQUE INDEX package_name ON package (tenant_id, catalog_id, sort_name) WHERE deleted IS NULL;
CREATE INDEX package_listed ON package (tenant_id, sort_name, id);
CREATE INDEX package_hidden ON package (tenant_id, hidden, sort_name, id);
CREATE INDEX package_catalog ON package (tenant_id, catalog_id, sort_name, id);

CREATE TABLE package_role (
    tenant_id  TEXT NOT NULL,
    package_id TEXT NOT NULL,
    role_id    TEXT NOT NULL,
    position   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, package_id, role_id),
    FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id),
    FOREIGN KEY (tenant_id, role_id) REFERENCES resource_role (tenant_id, id)
);
CREATE INDEX package_role_role ON package_role (tenant_id, role_id, package_id);

CREATE TABLE policy (
    tenant_id   TEXT NOT NULL,
    id          TEXT NOT NULL,
    package_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    scope       TEXT NOT NULL,
    enabled     BOOLEAN NOT NULL,
    terms       JSONB NOT NULL,
    version     BIGINT NOT NULL,
    sort_name   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id)
);
CREATE UNIQUE INDEX policy_name ON policy (tenant_id, package_id, sort_name);
CREATE INDEX policy_scope ON policy (tenant_id, scope);
CREATE INDEX policy_anyone ON policy (tenant_id) WHERE scope = 'allExternalUsers';
CREATE INDEX policy_package ON policy (tenant_id, package_id, sort_name, id);

CREATE TABLE policy_subject (
    tenant_id  TEXT NOT NULL,
    policy_id  TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('singleUser', 'groupMembers', 'connectedOrganizationMembers')),
    subject_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, policy_id, kind, subject_id),
    FOREIGN KEY (tenant_id, policy_id) REFERENCES policy (tenant_id, id)
);
CREATE INDEX policy_subject_subject ON policy_subject (tenant_id, subject_id, kind, policy_id);

CREATE TABLE request_move (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO request_move VALUES
    ('submitted', 'pendingApproval'), ('submitted', 'scheduled'), ('submitted', 'delivering'), ('submitted', 'canceled'),
    ('pendingApproval', 'scheduled'), ('pendingApproval', 'delivering'), ('pendingApproval', 'denied'),
    ('pendingApproval', 'expired'), ('pendingApproval', 'canceled'),
    ('scheduled', 'delivering'), ('scheduled', 'canceled'),
    ('delivering', 'delivered'), ('delivering', 'partiallyDelivered'), ('delivering', 'deliveryFailed'), ('delivering', 'canceled'),
    ('partiallyDelivered', 'delivering'), ('partiallyDelivered', 'canceled'),
    ('deliveryFailed', 'delivering'), ('deliveryFailed', 'canceled');

CREATE TABLE request (
    tenant_id     TEXT NOT NULL,
    id            TEXT NOT NULL,
    type          TEXT NOT NULL CHECK (type IN ('userAdd', 'userExtend', 'userUpdate', 'userRemove', 'adminAdd', 'adminUpdate',
                      'adminRemove', 'systemAdd', 'systemUpdate', 'systemRemove', 'onBehalfAdd')),
    state         TEXT NOT NULL CHECK (state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering', 'delivered',
                      'partiallyDelivered', 'deliveryFailed', 'denied', 'canceled', 'expired')),
    catalog_id    TEXT NOT NULL, -- of the package, for the lists of those who manage a catalog
    package_id    TEXT NOT NULL,
    policy_id     TEXT,
    requestor_id  TEXT,
    target_id     TEXT NOT NULL,
    assignment_id TEXT,
    justification TEXT NOT NULL,
    answers       JSONB NOT NULL,
    start_at      BIGINT,
    end_at        BIGINT,
    terms         JSONB NOT NULL,
    stage         BIGINT NOT NULL,
    due_at        BIGINT,
    remind_at     BIGINT,
    note          TEXT NOT NULL,
    form_key      TEXT,
    created       BIGINT NOT NULL,
    completed     BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id),
    FOREIGN KEY (tenant_id, requestor_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, target_id) REFERENCES person (tenant_id, id),
    CHECK ((state = 'pendingApproval') = (due_at IS NOT NULL))
);
-- F-163: one open request to add for a person and a package.
CREATE UNIQUE INDEX request_open ON request (tenant_id, target_id, package_id)
    WHERE state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering') AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd');
-- A form that is posted twice makes one request.
CREATE UNIQUE INDEX request_form ON request (tenant_id, requestor_id, form_key) WHERE form_key IS NOT NULL;
CREATE INDEX request_requestor ON request (tenant_id, requestor_id, id);
CREATE INDEX request_target ON request (tenant_id, target_id, id);
CREATE INDEX request_assignment ON request (tenant_id, assignment_id) WHERE assignment_id IS NOT NULL;
CREATE INDEX request_state ON request (tenant_id, state, id);
CREATE INDEX request_type ON request (tenant_id, type, id);
CREATE INDEX request_state_type ON request (tenant_id, state, type, id);
CREATE INDEX request_policy ON request (tenant_id, policy_id, id);
CREATE INDEX request_catalog_all ON request (tenant_id, catalog_id, id);
CREATE INDEX request_package_all ON request (tenant_id, package_id, id);
CREATE INDEX request_catalog ON request (tenant_id, catalog_id, state, id);
CREATE INDEX request_package ON request (tenant_id, package_id, state, id);
CREATE INDEX request_due ON request (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX request_due_tenant ON request (tenant_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX request_remind ON request (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX request_scheduled ON request (start_at) WHERE state = 'scheduled';
CREATE INDEX request_started ON request (tenant_id, target_id) WHERE state IN ('delivering', 'partiallyDelivered', 'deliveryFailed');

CREATE TABLE request_history (
    tenant_id  TEXT NOT NULL,
    request_id TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    from_state TEXT,
    to_state   TEXT NOT NULL,
    at         BIGINT NOT NULL,
    actor_id   TEXT,
    reason     TEXT NOT NULL,
    PRIMARY KEY (tenant_id, request_id, seq),
    FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id),
    FOREIGN KEY (from_state, to_state) REFERENCES request_move (from_state, to_state),
    CHECK ((seq = 1) = (from_state IS NULL))
);

-- Who may decide the open stage of a request; closed when the stage is over.
CREATE TABLE request_approver (
    tenant_id  TEXT NOT NULL,
    request_id TEXT NOT NULL,
    stage      BIGINT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('singleUser', 'groupMembers')),
    subject_id TEXT NOT NULL,
    closed     BIGINT,
    PRIMARY KEY (tenant_id, request_id, stage, kind, subject_id),
    FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id)
);
CREATE INDEX request_approver_open ON request_approver (tenant_id, subject_id, request_id) WHERE closed IS NULL;
CREATE INDEX request_approver_subject ON request_approver (tenant_id, subject_id, request_id) WHERE closed IS NOT NULL;
CREATE INDEX request_approver_use ON request_approver (tenant_id, subject_id);

-- One decision per stage: the first responder wins (F-093).
CREATE TABLE decision (
    tenant_id  TEXT NOT NULL,
    request_id TEXT NOT NULL,
    stage      BIGINT NOT NULL,
    by_id      TEXT NOT NULL,
    approve    BOOLEAN NOT NULL,
    reason     TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, request_id, stage),
    FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id),
    FOREIGN KEY (tenant_id, by_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX decision_by ON decision (tenant_id, by_id, request_id);

CREATE TABLE assignment_move (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO assignment_move VALUES
    ('delivering', 'delivered'), ('delivering', 'partiallyDelivered'), ('delivering', 'deliveryFailed'), ('delivering', 'expired'),
    ('partiallyDelivered', 'delivering'), ('partiallyDelivered', 'expired'),
    ('delivered', 'delivering'), ('delivered', 'expired'),
    ('deliveryFailed', 'delivering'), ('deliveryFailed', 'expired');

CREATE TABLE assignment (
    tenant_id  TEXT NOT NULL,
    id         TEXT NOT NULL,
    catalog_id TEXT NOT NULL, -- of the package
    package_id TEXT NOT NULL,
    policy_id  TEXT,
    person_id  TEXT NOT NULL,
    request_id TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('delivering', 'partiallyDelivered', 'delivered', 'deliveryFailed', 'expired')),
    start_at   BIGINT NOT NULL,
    end_at     BIGINT,
    delivered  BIGINT,
    ended      BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id),
    CHECK ((state = 'expired') = (ended IS NOT NULL))
);
-- F-147: a package is held once.
CREATE UNIQUE INDEX assignment_held ON assignment (tenant_id, person_id, package_id) WHERE state <> 'expired';
CREATE INDEX assignment_person ON assignment (tenant_id, person_id, id);
CREATE INDEX assignment_package ON assignment (tenant_id, package_id, state, id);
CREATE INDEX assignment_catalog ON assignment (tenant_id, catalog_id, state, id);
CREATE INDEX assignment_state ON assignment (tenant_id, state, id);
CREATE INDEX assignment_package_all ON assignment (tenant_id, package_id, id);
CREATE INDEX assignment_catalog_all ON assignment (tenant_id, catalog_id, id);
CREATE INDEX assignment_policy_all ON assignment (tenant_id, policy_id, id);
CREATE INDEX assignment_policy ON assignment (tenant_id, policy_id) WHERE state <> 'expired';
CREATE INDEX assignment_end ON assignment (end_at) WHERE state <> 'expired' AND end_at IS NOT NULL;

CREATE TABLE assignment_history (
    tenant_id     TEXT NOT NULL,
    assignment_id TEXT NOT NULL,
    seq           BIGINT NOT NULL,
    from_state    TEXT,
    to_state      TEXT NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, assignment_id, seq),
    FOREIGN KEY (tenant_id, assignment_id) REFERENCES assignment (tenant_id, id),
    FOREIGN KEY (from_state, to_state) REFERENCES assignment_move (from_state, to_state),
    CHECK ((seq = 1) = (from_state IS NULL))
);

CREATE TABLE grant_move (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO grant_move VALUES
    ('adding', 'held'), ('adding', 'removing'), ('held', 'adding'), ('held', 'removing'),
    ('removing', 'removed'), ('removing', 'adding'), ('removed', 'adding');

CREATE TABLE role_grant (
    tenant_id  TEXT NOT NULL,
    id         TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    role_id    TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('adding', 'held', 'removing', 'removed')),
    epoch      BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    next_try   BIGINT,
    stuck      BOOLEAN NOT NULL,
    last_error TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, person_id, role_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, role_id) REFERENCES resource_role (tenant_id, id)
);
CREATE INDEX role_grant_removing ON role_grant (tenant_id, since) WHERE state = 'removing';
CREATE INDEX role_grant_person ON role_grant (tenant_id, person_id, id);

CREATE TABLE grant_history (
    tenant_id  TEXT NOT NULL,
    grant_id   TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    from_state TEXT,
    to_state   TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, grant_id, seq),
    FOREIGN KEY (tenant_id, grant_id) REFERENCES role_grant (tenant_id, id),
    FOREIGN KEY (from_state, to_state) REFERENCES grant_move (from_state, to_state),
    CHECK ((seq = 1) = (from_state IS NULL))
);

-- Work to bring what a person holds in line with what is wanted. A row per
-- person. A claim is a lease, and fence tells an old holder from a new one;
-- changed counts the wishes, so that a holder notices new ones. Removals first.
CREATE TABLE delivery (
    tenant_id   TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    removal     BOOLEAN NOT NULL,
    next_try    BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX delivery_due ON delivery (removal, next_try);

-- A change of a package's resource roles on its way to those who hold it: they
-- are queued for delivery in the order of their ids, some at a time.
CREATE TABLE rollout (
    tenant_id  TEXT NOT NULL,
    id         TEXT NOT NULL PRIMARY KEY,
    package_id TEXT NOT NULL,
    removal    BOOLEAN NOT NULL,
    after_id   TEXT NOT NULL, -- the last assignment that was queued
    done       BIGINT NOT NULL,
    total      BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    finished   BIGINT,
    FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id)
);
CREATE INDEX rollout_open ON rollout (created) WHERE finished IS NULL;
CREATE INDEX rollout_package ON rollout (tenant_id, package_id, id);

CREATE TABLE mail (
    tenant_id  TEXT NOT NULL,
    id         TEXT NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    person_id  TEXT, -- whom it is for, and the request that it is about;
    request_id TEXT, -- or, for people whom nobody knows yet, address and text
    address    TEXT NOT NULL,
    text       BYTEA, -- encrypted
    stage      BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    next_try   BIGINT,
    fence      BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    sent       BIGINT,
    last_error TEXT NOT NULL,
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id)
);
CREATE INDEX mail_due ON mail (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX mail_request ON mail (tenant_id, request_id);
CREATE INDEX mail_unsent ON mail (tenant_id, created) WHERE sent IS NULL;

CREATE TABLE role_assignment (
    tenant_id    TEXT NOT NULL REFERENCES tenant (id),
    role         TEXT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('singleUser', 'groupMembers')),
    subject_id   TEXT NOT NULL,
    catalog_id   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, role, subject_kind, subject_id, catalog_id)
);
CREATE INDEX role_assignment_subject ON role_assignment (tenant_id, subject_id);
CREATE INDEX role_assignment_catalog ON role_assignment (tenant_id, catalog_id);

-- One-time links that make the first administrator of a tenant.
CREATE TABLE setup_link (
    id        TEXT NOT NULL PRIMARY KEY, -- hash of the token
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    created   BIGINT NOT NULL,
    used      BIGINT
);

-- The words by which things are searched: every word of a thing's texts, folded.
CREATE TABLE search_word (
    tenant_id TEXT NOT NULL,
    kind      TEXT NOT NULL,
    word      TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, word, object_id)
);
CREATE INDEX search_word_object ON search_word (tenant_id, object_id, kind, word);

-- To which audiences a package is listed, in the order of the list. It follows
-- from package, policy and catalog.
CREATE TABLE offer (
    tenant_id  TEXT NOT NULL,
    audience   TEXT NOT NULL,
    sort_name  TEXT NOT NULL,
    package_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, audience, sort_name, package_id)
);
CREATE INDEX offer_package ON offer (tenant_id, package_id, audience);

-- How many of each thing there are, counted from time to time.
CREATE TABLE tally (
    tenant_id TEXT NOT NULL,
    kind      TEXT NOT NULL,
    object_id TEXT NOT NULL,
    n         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, object_id)
);

CREATE TABLE attempt (
    id           TEXT NOT NULL PRIMARY KEY,
    binding      TEXT NOT NULL,
    directory_id TEXT NOT NULL REFERENCES directory (id),
    tenant_id    TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    nonce        TEXT NOT NULL,
    verifier     TEXT NOT NULL,
    target       TEXT NOT NULL,
    max_age      BIGINT NOT NULL, -- seconds
    created      BIGINT NOT NULL
);
CREATE INDEX attempt_created ON attempt (created);

-- Sign-ins with a one-time passcode. The code is kept as a keyed hash.
CREATE TABLE passcode (
    id           TEXT NOT NULL PRIMARY KEY,
    binding      TEXT NOT NULL,
    tenant_id    TEXT NOT NULL REFERENCES tenant (id),
    address      TEXT NOT NULL, -- folded
    code         TEXT NOT NULL,
    tries        BIGINT NOT NULL,
    target       TEXT NOT NULL,
    created      BIGINT NOT NULL
);
CREATE INDEX passcode_address ON passcode (address, created);
CREATE INDEX passcode_created ON passcode (created);

CREATE TABLE session (
    id           TEXT NOT NULL PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES account (id),
    directory_id TEXT NOT NULL REFERENCES directory (id),
    sid          TEXT NOT NULL,
    id_token     BYTEA,
    created      BIGINT NOT NULL,
    seen         BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_directory ON session (directory_id);
CREATE INDEX session_created ON session (created);

CREATE TABLE draft (
    id         TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    form       JSONB NOT NULL,
    created    BIGINT NOT NULL
);
CREATE INDEX draft_created ON draft (created);

CREATE TABLE audit (
    tenant_id   TEXT NOT NULL REFERENCES tenant (id),
    id          TEXT NOT NULL,
    at          BIGINT NOT NULL,
    actor_id    TEXT NOT NULL,
    on_behalf   TEXT NOT NULL,
    activity    TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    from_text   TEXT NOT NULL,
    to_text     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_object ON audit (tenant_id, object_id, id);

-- The hash chain is laid over the records by one job, so that writers do not
-- wait for one another.
CREATE TABLE audit_seal (
    tenant_id TEXT NOT NULL,
    position  BIGINT NOT NULL,
    audit_id  TEXT NOT NULL,
    hash      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, position),
    UNIQUE (tenant_id, audit_id),
    FOREIGN KEY (tenant_id, audit_id) REFERENCES audit (tenant_id, id)
);

-- Records that wait for their seal.
CREATE TABLE audit_unsealed (
    tenant_id TEXT NOT NULL,
    audit_id  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, audit_id)
);
