// Take journeys and sessions that are no more out of the examples of findings
// Answers: how many findings were changed.
// Parameters:
MATCH (f:Finding)
WITH f, [example IN f.examples
         WHERE EXISTS { (:Journey {journey_id: example}) } OR EXISTS { (:Session {session_id: example}) }
            OR EXISTS { (:Touchpoint {touchpoint_id: example}) } OR EXISTS { (:Customer {customer_id: example}) }
            OR NOT example =~ '[js]:.*'] AS examples
WHERE size(examples) < size(f.examples)
SET f.examples = examples
RETURN count(f) AS findings
