-- What a page of machines or accounts is found by, in its order, and what the list of tailnets counts.
CREATE INDEX nodes_in_order ON nodes (
    tailnet_id, (CASE WHEN gone IS NOT NULL THEN 2 WHEN online THEN 0 ELSE 1 END), name, id);
CREATE INDEX nodes_counted ON nodes (tailnet_id, external, gone, online);
CREATE INDEX users_in_order ON users (tailnet_id, kind, login);
CREATE INDEX open_shares_of_tailnet ON shares (tailnet_id, state);
