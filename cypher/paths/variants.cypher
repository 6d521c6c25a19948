// Variants: the step sequences that paths follow
// Answers: the commonest step sequences with how many paths (journeys; sessions or customers where $per says so) follow
// them, their share of all, their outcomes and value, and the median and 90th percentile of the seconds from the first
// touchpoint to the last. All rarer variants together are '(other)'. Conversion is the share of the paths whose outcome is
// known: open ones are left out.
// Parameters:
//   $per  text: what a path is, 'journey', 'session' or 'customer' (all of a customer's journeys in a row)
//   $with_value  boolean: false where conversions came in several currencies, whose values are never added up
//   $top  integer: how many variants to show, e.g. 10
:params {per: 'journey', with_value: true, top: 10};
// journeys {
MATCH (j:Journey|Session)
WHERE j:Session = ($per = 'session')
WITH j {journey_id: coalesce(j.session_id, j.journey_id), .customer_id, .outcome, .value, .steps, .channels,
        .occurred_at_us} AS journey
// } journeys
WITH journey, CASE $per WHEN 'customer' THEN journey.customer_id ELSE journey.journey_id END AS path_id
ORDER BY journey.customer_id, journey.occurred_at_us[0], journey.journey_id
WITH path_id, journey.customer_id AS customer_id, collect(journey) AS parts
WITH customer_id,
     CASE size(parts) WHEN 1 THEN parts[0].steps
                      ELSE reduce(all = [], part IN parts | all + part.steps) END AS names,
     CASE WHEN any(part IN parts WHERE part.outcome = 'converted') THEN 'converted'
          ELSE coalesce(last(parts).outcome, 'open') END AS outcome,
     reduce(total = 0.0, part IN parts | total + coalesce(part.value, 0.0)) AS value,
     (last(last(parts).occurred_at_us) - parts[0].occurred_at_us[0]) / 1000000.0 AS seconds
WITH names AS steps, collect({customer_id: customer_id, outcome: outcome, value: value, seconds: seconds}) AS members
ORDER BY size(members) DESC, steps
WITH collect({steps: steps, members: members}) AS variants, sum(size(members)) AS total
UNWIND range(0, size(variants) - 1) AS k
WITH total, k, CASE WHEN k < $top THEN k + 1 ELSE $top + 1 END AS rank,
     CASE WHEN k < $top THEN variants[k].steps ELSE ['(other)'] END AS steps, variants[k].members AS members
UNWIND members AS member
WITH total, rank, steps, count(DISTINCT k) AS variants, count(*) AS journeys,
     count(DISTINCT member.customer_id) AS customers,
     count(CASE WHEN member.outcome = 'converted' THEN 1 END) AS converted,
     count(CASE WHEN member.outcome = 'lost' THEN 1 END) AS lost,
     count(CASE WHEN member.outcome = 'open' THEN 1 END) AS open,
     CASE WHEN $with_value THEN sum(member.value) END AS value, percentileCont(member.seconds, 0.5) AS median_seconds,
     percentileCont(member.seconds, 0.9) AS p90_seconds
RETURN steps, variants, journeys, customers, toFloat(journeys) / total AS share, converted, lost, open,
       CASE WHEN converted + lost > 0 THEN toFloat(converted) / (converted + lost) END AS conversion, value,
       median_seconds, p90_seconds
ORDER BY rank
