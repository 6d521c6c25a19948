// What conversions were worth
// Answers: for each goal step and currency the conversions, those that came with a value, and the sum of the values, of
// what the system knew at $known_at (null: all that it knows). Currencies are never added up.
// Parameters:
//   $known_at  text, an ISO 8601 instant, or null, e.g. null
:params {known_at: null};
MATCH (rules:Configuration {name: 'journeys'})
UNWIND rules.goals AS goal
MATCH (t:Touchpoint {step: goal})
WHERE ($known_at IS NULL OR t.ingested_at <= datetime($known_at))
  AND NOT EXISTS { (t)<-[:MADE]-(:Withheld) }  // of whoever withdrew consent to analytics
RETURN goal, t.currency AS currency, count(*) AS conversions, count(t.value) AS valued,
       round(sum(t.value), 2) AS value
ORDER BY goal, currency
