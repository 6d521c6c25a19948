// The step graph
// Answers: the commonest transitions between steps, as a picture; each relationship has its counts and waiting times.
// Parameters:
//   $transitions  integer: how many, e.g. 40
:params {transitions: 40};
MATCH transition = (:Step)-[leads:LEADS_TO]->(:Step)
RETURN transition
ORDER BY leads.journeys DESC
LIMIT $transitions
