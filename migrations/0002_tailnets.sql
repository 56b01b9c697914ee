CREATE TABLE tailnets (
    id UUID PRIMARY KEY,
    owner_id UUID NOT NULL REFERENCES people (id),
    name TEXT NOT NULL,
    -- 'tailscale': the Tailscale API, or the simulator that speaks it.
    control_plane TEXT NOT NULL,
    base_url TEXT NOT NULL,
    -- JSON, what the control plane's settings said last: managed elsewhere, and so on.
    settings TEXT NOT NULL,
    sync_started BIGINT,
    synced BIGINT,
    sync_failed BIGINT,
    sync_error TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX tailnets_of_owner ON tailnets (owner_id);

CREATE TABLE stewards (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (tailnet_id, person_id)
);

CREATE TABLE credentials (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- 'oauth_client' or 'user_token'
    kind TEXT NOT NULL,
    secret_sealed TEXT NOT NULL,
    -- Masked, for recognising it.
    hint TEXT NOT NULL,
    -- JSON: what the control plane said of it when it was checked.
    facts TEXT NOT NULL,
    -- Why it was refused; absent while it is good.
    refused TEXT,
    checked BIGINT NOT NULL,
    expires BIGINT,
    PRIMARY KEY (tailnet_id, kind)
);

CREATE TABLE nodes (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- The control plane's stable id of the device, and its older numeric one.
    control_id TEXT NOT NULL,
    legacy_id TEXT NOT NULL,
    name TEXT NOT NULL,
    dns_name TEXT NOT NULL,
    os TEXT NOT NULL,
    user_login TEXT NOT NULL,
    -- JSON lists of text.
    tags TEXT NOT NULL,
    addresses TEXT NOT NULL,
    advertised_routes TEXT NOT NULL,
    enabled_routes TEXT NOT NULL,
    online BOOLEAN NOT NULL,
    last_seen BIGINT,
    -- Shared into this tailnet by somebody else.
    external BOOLEAN NOT NULL,
    gone BIGINT,
    -- The host's kind, once chosen.
    firewall_backend TEXT,
    firewall_revision BIGINT NOT NULL,
    firewall_made BIGINT,
    UNIQUE (tailnet_id, control_id)
);

CREATE TABLE users (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    control_id TEXT NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- 'member' or 'shared'
    kind TEXT NOT NULL,
    devices BIGINT NOT NULL,
    PRIMARY KEY (tailnet_id, control_id)
);
