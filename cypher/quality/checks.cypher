// What is inconsistent, and how late it came
// Answers: for each source its touchpoints; those that happened after they were loaded; those with a value, of these the ones
// without currency, and how many currencies there are; conversions, and those without a value; touchpoints that name no
// customer; touchpoints loaded within a day of when they happened, and the seconds within which half and nine of ten were.
// Parameters:
MATCH (r:Configuration {name: 'journeys'})
WITH r.goals AS goals
MATCH (t:Touchpoint)
WITH t, t.step IN goals AS is_goal, t.ingested_at.epochMillis / 1000.0 - t.occurred_at_us / 1000000.0 AS delay
RETURN t.source AS source, count(*) AS touchpoints, count(CASE WHEN delay < -1 THEN 1 END) AS after_loading,
       count(t.value) AS with_value, count(CASE WHEN t.value IS NOT NULL AND t.currency IS NULL THEN 1 END) AS without_currency,
       count(DISTINCT t.currency) AS currencies, count(CASE WHEN is_goal THEN 1 END) AS conversions,
       count(CASE WHEN is_goal AND t.value IS NULL THEN 1 END) AS without_value,
       count(CASE WHEN t.known_customer_id IS NULL THEN 1 END) AS nameless,
       count(CASE WHEN delay <= 86400 THEN 1 END) AS within_a_day, percentileDisc(delay, 0.5) AS median_seconds,
       percentileDisc(delay, 0.9) AS p90_seconds
ORDER BY touchpoints DESC, source
