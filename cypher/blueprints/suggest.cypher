// The steps that a declared journey can be drafted from
// Answers: for each step, how many of the cases have it (converted journeys; or what follows a step, where its time has
// passed by the end of the data), how many cases there are, the mean place of its first time in a case from 0 to 1, and the
// 95th percentile of the time from the start to it.
// Parameters:
//   $starts       text or null: the step that a case starts with, null for converted journeys, e.g. null
//   $until_us     integer: how long after its start a case is looked at (microseconds), e.g. 2592000000000
//   $data_end_us  integer: the end of the data (microseconds since 1970), e.g. 1767225600000000
:params {starts: null, until_us: 2592000000000, data_end_us: 1767225600000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey ORDER BY journey.customer_id, head(journey.occurred_at_us), journey.journey_id
WITH journey.customer_id AS customer_id, collect(journey) AS journeys
WITH journeys, reduce(all = [], j IN journeys | all + j.steps) AS steps,
     reduce(all = [], j IN journeys | all + j.occurred_at_us) AS times
UNWIND range(0, size(journeys) - 1) AS n
WITH journeys[n] AS journey, reduce(many = 0, j IN journeys[..n] | many + size(j.steps)) AS offset, steps, times
WITH *, CASE WHEN $starts IS NULL THEN offset
             ELSE offset + head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $starts]) END AS first
WHERE first IS NOT NULL
  AND CASE WHEN $starts IS NULL THEN journey.outcome = 'converted' ELSE times[first] + $until_us <= $data_end_us END
WITH *, CASE WHEN $starts IS NULL THEN offset + size(journey.steps)
             ELSE first + size([k IN range(first, size(steps) - 1) WHERE times[k] - times[first] <= $until_us]) END AS stop
WITH collect({steps: steps[first..stop], times: times[first..stop]}) AS every
UNWIND every AS one
WITH size(every) AS cases_in_all, one
UNWIND [k IN range(0, size(one.steps) - 1) WHERE NOT one.steps[k] IN one.steps[..k]] AS k
WITH cases_in_all, one, one.steps[k] AS step, k
WHERE $starts IS NULL OR step <> $starts
WITH cases_in_all, step, one.times[k] - one.times[0] AS wait_us,
     CASE WHEN size(one.steps) > 1 THEN toFloat(k) / (size(one.steps) - 1) ELSE 0.0 END AS place
RETURN step, count(*) AS cases, cases_in_all, avg(place) AS place, percentileDisc(wait_us, 0.95) / 1000000.0 AS p95_seconds
ORDER BY step
