// What a repeated contact is compared with: who else comes to raise the matter
// Answers: for each channel of the step and each depth: how many journeys made the step there, and after how many the customer
// made it again in another channel within the time; and after how many first visits to the other steps of its stage the
// customer came to make it in a channel other than that one. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps           list of text: the step, e.g. ['complaint']
//   $same_stage      list of text: the steps at its stage, itself included, e.g. ['complaint', 'track_order']
//   $channels        list of text: the channels that the step occurs in, e.g. ['service', 'social']
//   $within_us       integer: how soon, in microseconds, e.g. 604800000000
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $known_until_us  integer: only first visits before this instant (microseconds since 1970), e.g. 4102444800000000
:params {steps: ['complaint'], same_stage: ['complaint', 'track_order'], channels: ['service', 'social'], within_us: 604800000000, depths: [1, 2, 3, 5, 10], known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE any(step IN journey.steps WHERE step IN $same_stage)
WITH journey.customer_id AS customer_id, collect(journey) AS journeys
WITH journeys,
     reduce(all = [], journey IN journeys | all +
            [k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0] |
             {at: journey.occurred_at_us[k], channel: journey.channels[k]}]) AS contacts
UNWIND journeys AS journey
UNWIND range(0, size(journey.steps) - 1) AS k
WITH journey, contacts, k, journey.steps[k] AS step, journey.occurred_at_us[k] AS at
WHERE step IN $same_stage AND NOT step IN journey.steps[..k] AND at < $known_until_us
UNWIND $channels AS channel
WITH journey, contacts, k, step = $steps[0] AS subject, at, channel
WHERE NOT subject OR journey.channels[k] = channel
WITH channel, head([depth IN $depths WHERE depth > k]) AS depth, subject,
     any(again IN contacts
         WHERE again.channel <> channel AND again.at > at AND again.at - at <= $within_us) AS event
RETURN channel, depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY channel, depth
