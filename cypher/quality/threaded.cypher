// Whether every touchpoint is in exactly one journey and one session
// Answers: the touchpoints; how many are of customers who withdrew consent to analytics, which are in none; of the others how many
// are in no journey and in several, in no session and in several; how many memberships journeys have, and how many steps
// their paths list.
// Parameters:
MATCH (c:Customer)-[:MADE]->(t:Touchpoint)
WITH c:Withheld AS withheld, COUNT { (:Journey)-[:INCLUDES]->(t) } AS journeys, COUNT { (:Session)-[:INCLUDES]->(t) } AS sessions
WITH count(*) AS touchpoints, count(CASE WHEN withheld THEN 1 END) AS withheld,
     count(CASE WHEN NOT withheld AND journeys = 0 THEN 1 END) AS in_no_journey, count(CASE WHEN journeys > 1 THEN 1 END) AS in_several_journeys,
     count(CASE WHEN NOT withheld AND sessions = 0 THEN 1 END) AS in_no_session, count(CASE WHEN sessions > 1 THEN 1 END) AS in_several_sessions,
     sum(journeys) AS memberships
CALL () {
  MATCH (j:Journey)
  RETURN sum(size(j.steps)) AS path_steps
}
RETURN touchpoints, withheld, in_no_journey, in_several_journeys, in_no_session, in_several_sessions, memberships, path_steps
