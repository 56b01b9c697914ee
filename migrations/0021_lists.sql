-- What a page of a list is found by.
CREATE INDEX offers_to_person ON offers (to_person, created, id);
CREATE INDEX offers_by_maker ON offers (made_by, to_person);
CREATE INDEX shares_of_service ON shares (service_id, id);
CREATE INDEX audit_of_tailnet ON audit (tailnet_id, id);
