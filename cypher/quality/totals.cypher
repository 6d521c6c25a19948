// Counts and sums by source, day and step, to hold against a source's own totals
// Answers: the rows stored (touchpoints, those set aside as seen twice or as no customer's among them), the sum of their
// values, and the distinct customers and visitors as the source named them; of each source, day in the time zone, and step,
// or of all where one of these is not asked for.
// Parameters:
//   $by_source  boolean: a row for each source, e.g. true
//   $by_day     boolean: a row for each day, e.g. true
//   $by_step    boolean: a row for each step, e.g. false
//   $timezone   text: of the days, e.g. 'UTC'
:params {by_source: true, by_day: true, by_step: false, timezone: 'UTC'};
MATCH (t:Touchpoint|SetAside)
WITH CASE WHEN $by_source THEN t.source END AS source,
     CASE WHEN $by_day THEN toString(date(datetime({datetime: t.occurred_at, timezone: $timezone}))) END AS day,
     CASE WHEN $by_step THEN t.step END AS step,
     t.value AS value, coalesce(t.known_customer_id, 'anonymous:' + t.anonymous_id) AS customer
RETURN source, day, step, count(*) AS rows, sum(value) AS value, count(DISTINCT customer) AS customers
ORDER BY source, day, step
