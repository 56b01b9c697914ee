-- The schema of commit 3571588 (0.1.0 before its first release), with something in every table. Written once, never edited:
-- what stood in a database then does not change any more.
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'people','2026-01-01 12:00:00',1,X'94870778E601887E2C9A8AF68A69AE40FEEE43C840736A0CA7652A16CB4818A8EBF21B0F3D964626ECDF8114600AC2B4',1000);
INSERT INTO "_sqlx_migrations" VALUES(2,'tailnets','2026-01-01 12:00:00',1,X'100F8FCFC8E596785DA2C7441C61962E857E38352AC0F1C5B1A2D3A6D2E34F7A4409C5AA548205279B276254569BFB29',1000);
INSERT INTO "_sqlx_migrations" VALUES(3,'shares','2026-01-01 12:00:00',1,X'E4A1D8258BBA03B32C76C6CBBA6CA0457FF0281A4961C2994226E40E4E8F72F19E0CA81A3F68E2128F5B7197E7360FBE',1000);
INSERT INTO "_sqlx_migrations" VALUES(4,'jobs','2026-01-01 12:00:00',1,X'3A1DE5D8A8538DE5F9C43686452D086B2ABA6FF271A507FC4AA5A8D0EFE7B8A65B2C77EA0E08AD164EAB47B85FB8513E',1000);
INSERT INTO "_sqlx_migrations" VALUES(5,'elsewhere','2026-01-01 12:00:00',1,X'AE663D438D317FB54E99A2E1E5A587259F9AE0843830C670E9184E58E4FE139B4D4923ABD4C64E64F217DB1F73FA7628',1000);
INSERT INTO "_sqlx_migrations" VALUES(6,'reach','2026-01-01 12:00:00',1,X'55BBB2924E615B76600F32F890CD482BF0E2B930BB89F73D869E93D7CEB8C6332E3B68319348DC1052865EDEDEBE98B0',1000);
INSERT INTO "_sqlx_migrations" VALUES(7,'interface','2026-01-01 12:00:00',1,X'F23924C5ED120D48420474DF2520F2CF8CD66E12887CDD3139F9E469FFE43C482326F2EA5E4308B2737A9C130FB64FEB',1000);
INSERT INTO "_sqlx_migrations" VALUES(8,'joinings','2026-01-01 12:00:00',1,X'9F6A03B349B081F0461709EB8AB0D72EAC36E183DCCAEA0E87DCAA2E9E21CA28998C1274BB85B05E61C04A3B3C48D1D3',1000);
INSERT INTO "_sqlx_migrations" VALUES(9,'arrivals','2026-01-01 12:00:00',1,X'4ED958D07272667365B49C3CD3E13B883687B849C6AF9B7AFDB3B11DBE7ED67B7AAFA1FB459BDD1F610F5B9991BFDAF8',1000);
INSERT INTO "_sqlx_migrations" VALUES(10,'hosts','2026-01-01 12:00:00',1,X'1D0D5BC62F598DD5761C2BDA69C9637D7ECCC8AF2C6A4CAB77C1F928DAE9DF06823E2DC65E9B238AAD814C712FE7E028',1000);
INSERT INTO "_sqlx_migrations" VALUES(11,'revisions','2026-01-01 12:00:00',1,X'3AEABF57571AADBC9DE8D28FDF795A0EBD955818603C4A9237759C499941B92996065687026DFE543D674218576EFCD6',1000);
INSERT INTO "_sqlx_migrations" VALUES(12,'probes','2026-01-01 12:00:00',1,X'6DC561ECC60992DF025EF54D2865DA5DAA0B1C97747D5285660F1F4542571707F2C191769BA1F91A3A29174E8A5050C4',1000);
INSERT INTO "_sqlx_migrations" VALUES(13,'status','2026-01-01 12:00:00',1,X'5FF494AD9DE1D63264647775430ADD57A272748558BC195290E894A6D8E4652E32CAE8658ACF88F361266D651F2AF5C7',1000);
CREATE TABLE arrivals (
    person_id UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    offer_id UUID NOT NULL REFERENCES offers (id) ON DELETE CASCADE,
    -- Of the link that was used: a new link for the offer starts with all places free.
    token_hash TEXT NOT NULL,
    at BIGINT NOT NULL
);
INSERT INTO "arrivals" VALUES(X'019B79A0000070008000000000000005',X'019B79A0000070008000000000000050','hash of a link',1767268800000000);
CREATE TABLE audience (
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, person_id)
);
INSERT INTO "audience" VALUES(X'019B79A0000070008000000000000040',X'019B79A0000070008000000000000005');
CREATE TABLE audit (
    id UUID PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Absent: done by a job.
    actor_id UUID,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID,
    object TEXT NOT NULL,
    before_text TEXT,
    after_text TEXT,
    -- Who may read it besides the actor: the owner and stewards of the tailnet, and the friend of a share.
    tailnet_id UUID,
    owner_id UUID,
    friend_id UUID
);
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000070',1767268800000000,X'019B79A0000070008000000000000002','Ana','connected the tailnet','tailnet',X'019B79A0000070008000000000000020','maple.ts.net',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',NULL);
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000071',1767268800000001,X'019B79A0000070008000000000000002','Ana','listed the service','service',X'019B79A0000070008000000000000040','Minecraft',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',NULL);
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000072',1767268800000002,X'019B79A0000070008000000000000002','Ana','offered the service','offer',X'019B79A0000070008000000000000050','Minecraft',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',NULL);
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000073',1767268800000003,X'019B79A0000070008000000000000002','Ana','accepted the offer','share',X'019B79A0000070008000000000000060','Minecraft',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004');
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000074',1767268800000004,X'019B79A0000070008000000000000002','Ana','applied the share','share',X'019B79A0000070008000000000000060','Minecraft',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004');
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000075',1767268800000005,X'019B79A0000070008000000000000002','Ana','made a token with which maple fetches its firewall text','node',X'019B79A0000070008000000000000030','maple',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',NULL);
INSERT INTO "audit" VALUES(X'019B79A0000070008000000000000076',1767268800000006,X'019B79A0000070008000000000000002','Ana','narrowed the policy','edit',X'019B79A0000070008000000000000080','Narrow the wildcard',NULL,'{}',X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',NULL);
INSERT INTO "audit" VALUES(X'019B79A000007000800000000000007F',1767268800000009,NULL,'Acequia','ended the share','share',X'019B79A0000070008000000000000061','Films',NULL,NULL,X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004');
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
INSERT INTO "credentials" VALUES(X'019B79A0000070008000000000000020','oauth_client','0a0b0c0d.BBBB','kAbCdEf','null',NULL,1767268800000000,NULL);
INSERT INTO "credentials" VALUES(X'019B79A0000070008000000000000020','user_token','0a0b0c0d.CCCC','tskey-api-kA…','null','It is no longer valid.',1767268800000000,1775044800000000);
CREATE TABLE declines (
    offer_id UUID NOT NULL REFERENCES offers (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (offer_id, person_id)
);
INSERT INTO "declines" VALUES(X'019B79A0000070008000000000000052',X'019B79A0000070008000000000000005',1767268800000000);
CREATE TABLE edits (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- What it does, as in addresses: 'narrow', 'lint:…', 'take-out:…', 'undo:…'
    what TEXT NOT NULL,
    -- The same in words.
    title TEXT NOT NULL,
    by_id UUID,
    by_name TEXT NOT NULL,
    -- The share that it was needed for.
    share_id UUID,
    -- The edit that it takes back.
    undoes UUID,
    before_text TEXT NOT NULL,
    after_text TEXT NOT NULL,
    -- JSON, in people: who gains and who loses reach.
    gained TEXT NOT NULL,
    lost TEXT NOT NULL,
    -- 'applying', 'applied' or 'stopped'
    state TEXT NOT NULL,
    -- Why it stopped or waits, in words.
    trouble TEXT,
    begun BIGINT NOT NULL,
    applied BIGINT
);
INSERT INTO "edits" VALUES(X'019B79A0000070008000000000000080',X'019B79A0000070008000000000000020','narrow','Narrow the wildcard',X'019B79A0000070008000000000000002','Ana',X'019B79A0000070008000000000000060',NULL,'{}','{"acls": []}','[{"who": "dario@example.com", "node": "maple", "what": "tcp:25565"}]','[]','applied',NULL,1767268800000000,1767268800000000);
CREATE TABLE friend_addresses (
    node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    login TEXT NOT NULL,
    -- JSON list of text.
    addresses TEXT NOT NULL,
    read BIGINT NOT NULL,
    PRIMARY KEY (node_id, login)
);
INSERT INTO "friend_addresses" VALUES(X'019B79A0000070008000000000000030','dario@example.com','["100.101.102.103"]',1767268800000000);
CREATE TABLE hosts (
    node_id UUID PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    -- Of the read-only token with which it fetches; absent: it may not.
    token_hash TEXT,
    token_made BIGINT,
    -- When it last asked, and which revision it then had in force, as it said.
    fetched BIGINT,
    fetched_revision BIGINT,
    -- The revision that was last seen in force there, in pasted rules, and whether nothing was missing or altered.
    seen BIGINT,
    seen_revision BIGINT,
    seen_whole BOOLEAN
, tells BOOLEAN NOT NULL DEFAULT FALSE);
INSERT INTO "hosts" VALUES(X'019B79A0000070008000000000000030','hash of a token',1767268800000000,1767268800000000,1,1767268800000000,1,1,1);
CREATE TABLE identities (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    -- The provider's own name for the person: stable, unlike e-mail addresses.
    subject TEXT NOT NULL,
    -- As the provider calls them, for reading only.
    label TEXT NOT NULL,
    -- An e-mail address that the provider has verified: fills in forms, opens offers to an address.
    email TEXT,
    linked BIGINT NOT NULL,
    UNIQUE (provider, subject)
);
INSERT INTO "identities" VALUES(X'019B79A0000070008000000000000011',X'019B79A0000070008000000000000001','forge','s1','ines','ines@example.com',1767268800000000);
INSERT INTO "identities" VALUES(X'019B79A0000070008000000000000012',X'019B79A0000070008000000000000002','forge','s2','ana','ana@example.com',1767268800000000);
INSERT INTO "identities" VALUES(X'019B79A0000070008000000000000013',X'019B79A0000070008000000000000003','forge','s3','sven','sven@example.com',1767268800000000);
INSERT INTO "identities" VALUES(X'019B79A0000070008000000000000014',X'019B79A0000070008000000000000004','forge','s4','dario','dario@example.com',1767268800000000);
INSERT INTO "identities" VALUES(X'019B79A0000070008000000000000015',X'019B79A0000070008000000000000005','forge','s5','lea','lea@example.com',1767268800000000);
CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The id of what it is about. One open job of a kind for a subject.
    subject UUID NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    locked_until BIGINT,
    last_error TEXT,
    created BIGINT NOT NULL
);
INSERT INTO "jobs" VALUES(X'019B79A0000070008000000000000090','sync',X'019B79A0000070008000000000000020',1767268800000000,2,1767268860000000,'It did not answer.',1767268800000000);
INSERT INTO "jobs" VALUES(X'019B79A0000070008000000000000091','share',X'019B79A0000070008000000000000060',1767268800000000,2,1767268860000000,'It did not answer.',1767268800000000);
INSERT INTO "jobs" VALUES(X'019B79A0000070008000000000000092','edit',X'019B79A0000070008000000000000080',1767268800000000,2,1767268860000000,'It did not answer.',1767268800000000);
INSERT INTO "jobs" VALUES(X'019B79A0000070008000000000000093','joining',X'019B79A00000700080000000000000A0',1767268800000000,2,1767268860000000,'It did not answer.',1767268800000000);
CREATE TABLE joinings (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    system TEXT NOT NULL,
    -- JSON: what was chosen for the text that brings the machine in.
    choices TEXT NOT NULL,
    -- The control plane's id of the auth key, never the key itself. Absent: made by hand in its console.
    key_id TEXT,
    description TEXT NOT NULL,
    -- JSON list: control ids of the machines that were there before.
    known TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- The end of the key, and of the waiting.
    ends BIGINT NOT NULL,
    -- 'waiting', 'arrived', 'cancelled' or 'lapsed'
    state TEXT NOT NULL,
    looked BIGINT,
    -- Why the last look failed, in words; absent when it did not.
    trouble TEXT,
    -- JSON list of ids: the machines that appeared.
    arrived TEXT NOT NULL
);
INSERT INTO "joinings" VALUES(X'019B79A00000700080000000000000A0',X'019B79A0000070008000000000000020','nixos','{"system": "nixos", "routing": "none", "key_file": "", "login_server": "", "tags": []}','k1CNTRL','acequia test','["n48"]',1767268800000000,1767272400000000,'waiting',1767268800000000,NULL,'[]');
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    until BIGINT NOT NULL
);
INSERT INTO "leases" VALUES('tailnet',X'019B79A0000070008000000000000099',1767268860000000);
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
    firewall_made BIGINT, firewall_interface TEXT NOT NULL DEFAULT 'tailscale0',
    UNIQUE (tailnet_id, control_id)
);
INSERT INTO "nodes" VALUES(X'019B79A0000070008000000000000030',X'019B79A0000070008000000000000020','n48','48','maple','maple.tail1.ts.net','linux','ana@example.com','[]','["100.64.0.1"]','[]','[]',1,1767268800000000,0,NULL,'nftables',1,1767268800000000,'tailscale0');
INSERT INTO "nodes" VALUES(X'019B79A0000070008000000000000031',X'019B79A0000070008000000000000020','n49','49','birch','birch.tail1.ts.net','linux','ana@example.com','[]','["100.64.0.2"]','[]','[]',1,1767268800000000,0,1767355200000000,NULL,0,NULL,'tailscale0');
CREATE TABLE offers (
    id UUID PRIMARY KEY,
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    made_by UUID NOT NULL REFERENCES people (id),
    -- Both absent: whoever has the link.
    to_person UUID REFERENCES people (id) ON DELETE CASCADE,
    to_email TEXT,
    token_hash TEXT NOT NULL UNIQUE,
    -- The end of the share; absent: until ended.
    ends BIGINT,
    note TEXT NOT NULL,
    uses_left BIGINT NOT NULL,
    created BIGINT NOT NULL,
    -- The end of the offer.
    lapses BIGINT NOT NULL,
    withdrawn BIGINT
);
INSERT INTO "offers" VALUES(X'019B79A0000070008000000000000050',X'019B79A0000070008000000000000040',X'019B79A0000070008000000000000002',NULL,NULL,'hash of a link',NULL,'come and play',1,1767268800000000,1767873600000000,NULL);
INSERT INTO "offers" VALUES(X'019B79A0000070008000000000000051',X'019B79A0000070008000000000000041',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004',NULL,'hash of a second',1767528000000000,'',0,1767268800000000,1767873600000000,NULL);
INSERT INTO "offers" VALUES(X'019B79A0000070008000000000000052',X'019B79A0000070008000000000000041',X'019B79A0000070008000000000000003',NULL,'lea@example.com','hash of a third',NULL,'',1,1767268800000000,1767873600000000,1767355200000000);
CREATE TABLE people (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    instance_owner BOOLEAN NOT NULL,
    -- One of the seeded people of the demo: signed in as without a provider, and only there.
    demo_about TEXT,
    created BIGINT NOT NULL
);
INSERT INTO "people" VALUES(X'019B79A0000070008000000000000001','Ines',1,NULL,1767268800000000);
INSERT INTO "people" VALUES(X'019B79A0000070008000000000000002','Ana',0,NULL,1767268800000000);
INSERT INTO "people" VALUES(X'019B79A0000070008000000000000003','Sven',0,NULL,1767268800000000);
INSERT INTO "people" VALUES(X'019B79A0000070008000000000000004','Dario',0,NULL,1767268800000000);
INSERT INTO "people" VALUES(X'019B79A0000070008000000000000005','Lea',0,NULL,1767268800000000);
CREATE TABLE probes (
    service_id UUID PRIMARY KEY REFERENCES services (id) ON DELETE CASCADE,
    answered BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    -- Since when it is so.
    since BIGINT NOT NULL,
    -- JSON: what it told, already made safe to show.
    told TEXT NOT NULL
, until BIGINT NOT NULL DEFAULT 0);
INSERT INTO "probes" VALUES(X'019B79A0000070008000000000000040',1,1767268800000000,1767268800000000,'{}',1767268860000000);
CREATE TABLE revisions (
    node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    -- Counts from 1; the newest is nodes.firewall_revision.
    revision BIGINT NOT NULL,
    made BIGINT NOT NULL,
    -- The kind of host it was made for; absent: none was chosen yet.
    backend TEXT,
    -- JSON, as `acequia firewall render --input` reads it.
    input TEXT NOT NULL,
    PRIMARY KEY (node_id, revision)
);
INSERT INTO "revisions" VALUES(X'019B79A0000070008000000000000030',1,1767268800000000,'nftables','{"node": "maple", "revision": 1, "interface": "tailscale0", "own": ["100.64.0.1"], "shares": []}');
CREATE TABLE services (
    id UUID PRIMARY KEY,
    node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    ports TEXT NOT NULL,
    about TEXT NOT NULL,
    -- 'nobody', 'everybody' or 'people' (then audience has them)
    audience TEXT NOT NULL,
    created BIGINT NOT NULL,
    removed BIGINT
);
INSERT INTO "services" VALUES(X'019B79A0000070008000000000000040',X'019B79A0000070008000000000000030','Minecraft','minecraft','tcp:25565','come in','people',1767268800000000,NULL);
INSERT INTO "services" VALUES(X'019B79A0000070008000000000000041',X'019B79A0000070008000000000000030','Films','http','tcp:8096,udp:7359','','everybody',1767268800000000,NULL);
INSERT INTO "services" VALUES(X'019B79A0000070008000000000000042',X'019B79A0000070008000000000000031','Old things','other','tcp:9000-9010','','nobody',1767268800000000,1767355200000000);
CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY,
    -- Names the session in the list of its owner.
    handle TEXT NOT NULL UNIQUE,
    person_id UUID REFERENCES people (id) ON DELETE CASCADE,
    data_sealed TEXT NOT NULL,
    agent TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
INSERT INTO "sessions" VALUES('a hash','a handle',X'019B79A0000070008000000000000002','0a0b0c0d.AAAA','Firefox on Linux',1767268800000000,1767268800000000,1769860800000000);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "settings" VALUES('note','a setting of before');
CREATE TABLE shares (
    id UUID PRIMARY KEY,
    offer_id UUID NOT NULL REFERENCES offers (id),
    service_id UUID NOT NULL REFERENCES services (id),
    node_id UUID NOT NULL REFERENCES nodes (id),
    tailnet_id UUID NOT NULL REFERENCES tailnets (id),
    owner_id UUID NOT NULL REFERENCES people (id),
    friend_id UUID NOT NULL REFERENCES people (id),
    -- The friend's login that the rule names.
    login TEXT NOT NULL,
    -- As they were when the offer was accepted: a later change of the service does not widen a share.
    ports TEXT NOT NULL,
    ends BIGINT,
    -- The state's name, for looking it up, and the state with its own data as JSON.
    state TEXT NOT NULL,
    state_data TEXT NOT NULL,
    -- JSON: what was done to the control plane, to find it again and to take it back.
    deeds TEXT NOT NULL,
    invite_url_sealed TEXT,
    accepted BIGINT NOT NULL,
    seen_in_force BIGINT,
    ended BIGINT,
    -- Counts up with every change; a writer who read an older one does not win.
    version BIGINT NOT NULL,
    UNIQUE (offer_id, friend_id)
);
INSERT INTO "shares" VALUES(X'019B79A0000070008000000000000060',X'019B79A0000070008000000000000050',X'019B79A0000070008000000000000040',X'019B79A0000070008000000000000030',X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004','dario@example.com','tcp:25565',NULL,'active','{"state":"active","since":"2026-01-01T12:00:00Z"}','{"approved":{"by":"019b79a0000070008000000000000002","by_name":"Ana","at":"2026-01-01T12:00:00Z","decision":"apply","difference":"dario reaches maple","narrowing":null},"rule":"{\"src\":[\"dario@example.com\"],\"dst\":[\"100.64.0.1\"],\"ip\":[\"tcp:25565\"]}","rule_begun":true,"invites_before":[],"invite_asked":null,"invite":{"id":"57","at":"2026-01-01T12:00:00Z","ours":true},"accepted_by":"dario@example.com","friend_sees":null}','0a0b0c0d.DDDD',1767268800000000,1767268800000000,NULL,3);
INSERT INTO "shares" VALUES(X'019B79A0000070008000000000000061',X'019B79A0000070008000000000000051',X'019B79A0000070008000000000000041',X'019B79A0000070008000000000000030',X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004','dario@example.com','tcp:8096,udp:7359',1767528000000000,'ended','{"state":"ended","at":"2026-01-04T12:00:00Z","why":"expired","open_question":null}','{"approved":{"by":"019b79a0000070008000000000000002","by_name":"Ana","at":"2026-01-01T12:00:00Z","decision":"apply","difference":"dario reaches maple","narrowing":null},"rule":"{\"src\":[\"dario@example.com\"],\"dst\":[\"100.64.0.1\"],\"ip\":[\"tcp:25565\"]}","rule_begun":true,"invites_before":[],"invite_asked":null,"invite":{"id":"57","at":"2026-01-01T12:00:00Z","ours":true},"accepted_by":"dario@example.com","friend_sees":null}',NULL,1767268800000000,1767268800000000,1767528000000000,3);
INSERT INTO "shares" VALUES(X'019B79A0000070008000000000000062',X'019B79A0000070008000000000000050',X'019B79A0000070008000000000000040',X'019B79A0000070008000000000000030',X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000005','lea@example.com','tcp:25565',NULL,'needs_attention','{"state":"needs_attention","phase":{"phase":"apply"},"attention":{"step":"confirm","need":"review","reason":"The friend reaches less.","next_step":"Look at the policy."}}','{"approved":{"by":"019b79a0000070008000000000000002","by_name":"Ana","at":"2026-01-01T12:00:00Z","decision":"apply","difference":"dario reaches maple","narrowing":null},"rule":"{\"src\":[\"dario@example.com\"],\"dst\":[\"100.64.0.1\"],\"ip\":[\"tcp:25565\"]}","rule_begun":true,"invites_before":[],"invite_asked":null,"invite":{"id":"57","at":"2026-01-01T12:00:00Z","ours":true},"accepted_by":"dario@example.com","friend_sees":null}',NULL,1767268800000000,1767268800000000,NULL,3);
INSERT INTO "shares" VALUES(X'019B79A0000070008000000000000063',X'019B79A0000070008000000000000052',X'019B79A0000070008000000000000041',X'019B79A0000070008000000000000030',X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000005','lea@example.com','tcp:8096',NULL,'needs_attention','{"state":"needs_attention","phase":{"phase":"apply"},"attention":{"step":"confirm","need":"invite","reason":"The friend reaches less.","next_step":"Look at the policy."}}','{"approved":{"by":"019b79a0000070008000000000000002","by_name":"Ana","at":"2026-01-01T12:00:00Z","decision":"apply","difference":"dario reaches maple","narrowing":null},"rule":"{\"src\":[\"dario@example.com\"],\"dst\":[\"100.64.0.1\"],\"ip\":[\"tcp:25565\"]}","rule_begun":true,"invites_before":[],"invite_asked":null,"invite":{"id":"57","at":"2026-01-01T12:00:00Z","ours":true},"accepted_by":"dario@example.com","friend_sees":null}',NULL,1767268800000000,NULL,NULL,3);
INSERT INTO "shares" VALUES(X'019B79A0000070008000000000000064',X'019B79A0000070008000000000000052',X'019B79A0000070008000000000000041',X'019B79A0000070008000000000000030',X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002',X'019B79A0000070008000000000000004','dario@example.com','tcp:8096',NULL,'accepted','{"state":"accepted","again":null}','{"approved":null,"rule":null,"rule_begun":false,"invites_before":null,"invite_asked":null,"invite":null,"accepted_by":null,"friend_sees":null}',NULL,1767268800000000,NULL,NULL,3);
CREATE TABLE snapshots (
    tailnet_id UUID PRIMARY KEY REFERENCES tailnets (id) ON DELETE CASCADE,
    -- Byte for byte, with its mark; absent where it may not be read.
    policy TEXT,
    etag TEXT,
    -- Why it may not be read, in words.
    policy_missing TEXT,
    -- JSON, the network file of the command line: users, machines, and who each is shared with.
    network TEXT NOT NULL,
    -- Why it is not known with whom machines are shared, in words.
    sharing_missing TEXT,
    -- A hash of all of it: as long as it is the same, so are all answers.
    revision TEXT NOT NULL,
    read BIGINT NOT NULL,
    -- Since then it could not be read again, and why.
    trouble_at BIGINT,
    trouble TEXT
);
INSERT INTO "snapshots" VALUES(X'019B79A0000070008000000000000020','{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}','"abc"',NULL,'{"users": [{"id": 1, "name": "ana", "email": "ana@example.com"}], "nodes": {"maple": {"hostname": "maple", "ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "tags": [], "user": "ana", "routable_ips": [], "approved_routes": []}}}',NULL,'a revision',1767268800000000,NULL,NULL);
CREATE TABLE steps (
    share_id UUID NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    -- 'apply' or 'end'
    phase TEXT NOT NULL,
    step TEXT NOT NULL,
    at BIGINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (share_id, phase, step)
);
INSERT INTO "steps" VALUES(X'019B79A0000070008000000000000060','apply','rule',1767268800000000,'');
INSERT INTO "steps" VALUES(X'019B79A0000070008000000000000061','end','remove_rule',1767528000000000,'');
CREATE TABLE stewards (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (tailnet_id, person_id)
);
INSERT INTO "stewards" VALUES(X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000003');
CREATE TABLE strays (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- 'invite', 'recipient' or 'rule'
    kind TEXT NOT NULL,
    -- What names it there: the invite's id, the login, the id in the mark.
    name TEXT NOT NULL,
    -- The machine of an invite.
    node_id UUID REFERENCES nodes (id) ON DELETE CASCADE,
    -- Who opened the invite, or is listed.
    login TEXT,
    -- The text of a rule.
    rule TEXT,
    found BIGINT NOT NULL,
    -- Somebody said that it may stay.
    kept BIGINT,
    kept_by TEXT,
    UNIQUE (tailnet_id, kind, name)
);
INSERT INTO "strays" VALUES(X'019B79A00000700080000000000000B0',X'019B79A0000070008000000000000020','invite','58',X'019B79A0000070008000000000000030','eve@example.com',NULL,1767268800000000,NULL,NULL);
INSERT INTO "strays" VALUES(X'019B79A00000700080000000000000B1',X'019B79A0000070008000000000000020','rule','gone',NULL,NULL,'{}',1767268800000000,1767268800000000,'Ana');
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
, looked BIGINT, look_failed TEXT);
INSERT INTO "tailnets" VALUES(X'019B79A0000070008000000000000020',X'019B79A0000070008000000000000002','maple.ts.net','tailscale','http://127.0.0.1:9','{"policy_managed_elsewhere": false, "policy_link": null, "devices_need_approval": false, "users_need_approval": true, "who_may_join_others": "admin"}',1767268800000000,1767268800000000,NULL,NULL,1767268800000000,1767268800000000,NULL);
INSERT INTO "tailnets" VALUES(X'019B79A0000070008000000000000021',X'019B79A0000070008000000000000004','nopal.ts.net','tailscale','http://127.0.0.1:9','{"policy_managed_elsewhere": null, "policy_link": null, "devices_need_approval": null, "users_need_approval": null, "who_may_join_others": null}',1767268800000000,NULL,1767268800000000,'It did not answer.',1767268800000000,NULL,'It did not answer.');
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
INSERT INTO "users" VALUES(X'019B79A0000070008000000000000020','u1','ana@example.com','ana','owner','member',1);
INSERT INTO "users" VALUES(X'019B79A0000070008000000000000020','u2','dario@example.com','dario','member','shared',1);
CREATE INDEX identities_of_person ON identities (person_id);
CREATE INDEX sessions_of_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);
CREATE INDEX tailnets_of_owner ON tailnets (owner_id);
CREATE INDEX services_of_node ON services (node_id);
CREATE INDEX audience_of_person ON audience (person_id);
CREATE INDEX offers_of_service ON offers (service_id);
CREATE INDEX shares_of_owner ON shares (owner_id);
CREATE INDEX shares_of_friend ON shares (friend_id);
CREATE INDEX shares_of_node ON shares (node_id);
CREATE INDEX shares_of_tailnet ON shares (tailnet_id);
CREATE INDEX shares_by_end ON shares (ends);
CREATE INDEX audit_of_object ON audit (object_id, id);
CREATE INDEX audit_of_owner ON audit (owner_id, id);
CREATE INDEX audit_of_friend ON audit (friend_id, id);
CREATE INDEX audit_of_actor ON audit (actor_id, id);
CREATE INDEX jobs_by_time ON jobs (run_at);
CREATE UNIQUE INDEX jobs_by_subject ON jobs (kind, subject);
CREATE INDEX edits_of_tailnet ON edits (tailnet_id, id);
CREATE INDEX edits_of_share ON edits (share_id);
CREATE INDEX joinings_of_tailnet ON joinings (tailnet_id, state);
CREATE INDEX arrivals_of_offer ON arrivals (offer_id);
