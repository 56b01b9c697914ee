-- What was open and is no longer in force as agreed has a state of its own. Until now it was a stop while applying
-- with words for a person, of a share that had been seen in force. The state stands in both columns; what else is in
-- its JSON is read as it is.
UPDATE shares
SET state = 'drifted', state_data = REPLACE(state_data, '"state":"needs_attention"', '"state":"drifted"')
WHERE state = 'needs_attention' AND seen_in_force IS NOT NULL AND state_data LIKE '%"phase":{"phase":"apply"}%'
    AND (state_data LIKE '%"need":"review"%' OR state_data LIKE '%"need":"look"%');
