-- What a control plane was found to be at the last sync: 'tailscale', or a Headscale with its version.
ALTER TABLE tailnets ADD COLUMN kind TEXT NOT NULL DEFAULT 'tailscale';
-- Of a Headscale: the tailnet through which its server was connected first. One server has one policy, so it has one lease.
ALTER TABLE tailnets ADD COLUMN server_id UUID;
-- What no call of a Headscale tells, as its owner wrote it: the end of its MagicDNS names, and where clients reach it.
ALTER TABLE tailnets ADD COLUMN base_domain TEXT;
ALTER TABLE tailnets ADD COLUMN login_server TEXT;

-- The key that other machines know a machine by: the same whichever address its server has.
ALTER TABLE nodes ADD COLUMN node_key TEXT;

-- What a Headscale says of its accounts besides: the name itself, the mail, and what the identity provider calls them.
ALTER TABLE users ADD COLUMN own_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN provider_id TEXT;

-- In whose language the policy is: 'tailscale', 'headscale-0.28' or 'headscale-0.29'.
ALTER TABLE snapshots ADD COLUMN dialect TEXT NOT NULL DEFAULT 'tailscale';
