-- What the tailnet's interface is called on the host.
ALTER TABLE nodes ADD COLUMN firewall_interface TEXT NOT NULL DEFAULT 'tailscale0';
