// Note that journeys are about to change
// Answers: nothing; the revision grows, so that answers kept for the old one are not given for the new, and the step
// graph is known to be out of date until it has been refreshed.
// Parameters:
MERGE (rules:Configuration {name: 'journeys'})
SET rules.revision = coalesce(rules.revision, 0) + 1
