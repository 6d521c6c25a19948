// The currencies that conversions came in
// Answers: each currency of a goal's touchpoint, so that values of several currencies are not added up.
// Parameters:
//   $known_until  text or null: an ISO 8601 instant, only what the system knew then, e.g. null
:params {known_until: null};
MATCH (rules:Configuration {name: 'journeys'})
UNWIND rules.goals AS goal
MATCH (t:Touchpoint {step: goal})
WHERE t.currency IS NOT NULL AND ($known_until IS NULL OR t.ingested_at <= datetime($known_until))
  AND NOT EXISTS { (t)<-[:MADE]-(:Withheld) }  // of whoever withdrew consent to analytics
RETURN DISTINCT t.currency AS currency
ORDER BY currency
