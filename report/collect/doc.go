// Package collect reads what reports tell of from any reader: a client of the command line, or the cache of the manager. It reads with the
// rights of an auditor, which is to get and list kinds of this project's group: no Secret, no pod, and nothing of anybody else's group. A
// right that is missing is named in the error, with what to ask for.
//
// View is for everything that shows a country; Agency and Connector read one of them with all that it hangs on, for an explanation. Nothing
// is written or kept, so a restart means nothing here.
package collect
