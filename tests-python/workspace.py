"""Google's own Python client against the emulated Workspace: every read and every edit that is emulated.

Arguments: the emulator's address, and a directory for files. GCE_METADATA_HOST is the address without its scheme. It uses the discovery document that comes with the client,
and a service account's key whose token_uri is the emulator's. Whatever is not as Google has it ends it with a message.
"""

import json
import os
import sys
import time
import urllib.parse
import uuid

import requests
from google.auth import compute_engine, identity_pool
from google.auth import jwt as self_signed
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

BASE, SCRATCH = sys.argv[1], sys.argv[2]
AUTH = "https://www.googleapis.com/auth/"
EDIT = [
    AUTH + "admin.directory." + name
    for name in ("user", "user.security", "group", "orgunit", "domain", "userschema", "customer")
] + [AUTH + "admin.reports.audit.readonly"]
READ = [AUTH + "admin.directory.user.readonly"]
ADMIN = "admin@example.com"
AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def emulator(method, path, body=None):
    answer = requests.request(method, BASE + "/emulator" + path, json=body, timeout=30)
    assert answer.ok, (path, answer.status_code, answer.text)
    return answer.json() if answer.content else None


def refused(status, reason, request):
    try:
        request.execute()
    except HttpError as error:
        found = json.loads(error.content)["error"]["errors"][0]["reason"]
        assert (error.resp.status, found) == (status, reason), (error.resp.status, found, error.content)
        return
    raise AssertionError(f"{request.uri} was not refused")


def service(credentials, api="directory_v1", **more):
    return build(
        "admin", api, credentials=credentials, static_discovery=True, client_options={"api_endpoint": BASE + "/"}, **more
    )


def everything(collection, name, **parameters):
    found, request = [], collection.list(**parameters)
    while request is not None:
        answer = request.execute()
        found += answer.get(name, [])
        request = collection.list_next(request, answer)
    return found


def prepare():
    user = {"primaryEmail": ADMIN, "name": {"givenName": "Ann", "familyName": "Admin"}, "isAdmin": True}
    emulator("POST", "/seed", {"users": [user]})
    account = emulator("POST", "/service-accounts", {"name": "usher"})["email"]
    emulator("PUT", f"/service-accounts/{account}/scopes", {"scopes": EDIT + READ})
    return account, emulator("POST", f"/service-accounts/{account}/keys", {})


def users(directory):
    for n in range(12):
        directory.users().insert(
            body={
                "primaryEmail": f"user{n}@example.com",
                "name": {"givenName": f"Given{n}", "familyName": "Family"},
                "password": "5f4dcc3b5aa765d61d8327deb882cf99",
                "hashFunction": "MD5",
                "organizations": [{"title": "Analyst", "primary": True}],
            },
            resolveConflictAccount=True,
        ).execute()
    refused(409, "duplicate", directory.users().insert(body={
        "primaryEmail": "user1@example.com",
        "name": {"givenName": "a", "familyName": "b"},
        "password": "correct horse",
    }))
    found = everything(directory.users(), "users", customer="my_customer", maxResults=5, orderBy="email")
    assert len(found) == 13 and found[0]["primaryEmail"] == ADMIN
    by_name = everything(
        directory.users(), "users", domain="example.com", maxResults=500, orderBy="givenName", sortOrder="DESCENDING",
        projection="full", viewType="admin_view", fields="nextPageToken,users(id,name(givenName))",
    )
    assert by_name[0] == {"id": by_name[0]["id"], "name": {"givenName": "Given9"}}, by_name[0]
    found = everything(directory.users(), "users", customer="my_customer", query="email:user1* orgTitle=Analyst")
    assert {user["primaryEmail"] for user in found} == {f"user{n}@example.com" for n in (1, 10, 11)}
    user = directory.users().update(userKey="user1@example.com", body={"suspended": True}).execute()
    assert user["suspensionReason"] == "ADMIN" and user["suspensionTime"] and user["organizations"]
    user = directory.users().patch(userKey=user["id"], body={"suspended": False, "archived": True}).execute()
    assert "suspensionTime" not in user and user["archivalTime"]
    user = directory.users().update(
        userKey=user["id"], body={"archived": False, "primaryEmail": "renamed@example.com", "organizations": None}
    ).execute()
    assert user["aliases"] == ["user1@example.com"] and "organizations" not in user
    assert directory.users().get(userKey="user1@example.com").execute()["id"] == user["id"]
    directory.users().aliases().insert(userKey=user["id"], body={"alias": "other@example.com"}).execute()
    aliases = directory.users().aliases().list(userKey=user["id"]).execute()["aliases"]
    assert {alias["alias"] for alias in aliases} == {"user1@example.com", "other@example.com"}
    directory.users().aliases().delete(userKey=user["id"], alias="other@example.com").execute()
    directory.users().makeAdmin(userKey=user["id"], body={"status": True}).execute()
    directory.users().signOut(userKey=user["id"]).execute()
    assert directory.users().get(userKey=user["id"], projection="full").execute()["isAdmin"]
    directory.users().delete(userKey=user["id"]).execute()
    refused(404, "notFound", directory.users().get(userKey=user["id"]))
    deleted = everything(directory.users(), "users", customer="my_customer", showDeleted="True")
    assert [gone["id"] for gone in deleted] == [user["id"]] and deleted[0]["deletionTime"]
    directory.users().undelete(userKey=user["id"], body={"orgUnitPath": "/"}).execute()
    refused(404, "notFound", directory.users().photos().get(userKey=user["id"]))
    refused(403, "forbidden", directory.users().get(userKey="somebody@elsewhere.example"))


def groups(directory):
    for name in ("top", "low"):
        directory.groups().insert(body={"email": f"{name}@example.com", "name": name}).execute()
    directory.groups().update(groupKey="low@example.com", body={"description": "d"}).execute()
    directory.groups().patch(groupKey="low@example.com", body={"name": "AWS low"}).execute()
    assert everything(directory.groups(), "groups", customer="my_customer", query="name:AWS*")[0]["description"] == "d"
    directory.groups().aliases().insert(groupKey="low@example.com", body={"alias": "deep@example.com"}).execute()
    assert directory.groups().get(groupKey="deep@example.com").execute()["email"] == "low@example.com"
    assert directory.groups().aliases().list(groupKey="low@example.com").execute()["aliases"]
    directory.groups().aliases().delete(groupKey="low@example.com", alias="deep@example.com").execute()
    members = directory.members()
    members.insert(groupKey="top@example.com", body={"email": "low@example.com"}).execute()
    members.insert(groupKey="low@example.com", body={"email": "user2@example.com", "role": "OWNER"}).execute()
    members.insert(groupKey="low@example.com", body={"email": "guest@elsewhere.example"}).execute()
    refused(412, "conditionNotMet", members.insert(groupKey="low@example.com", body={"email": "top@example.com"}))
    refused(409, "duplicate", members.insert(groupKey="low@example.com", body={"email": "user2@example.com"}))
    assert len(everything(members, "members", groupKey="low@example.com", maxResults=1)) == 2
    derived = everything(members, "members", groupKey="top@example.com", includeDerivedMembership=True)
    assert {member["type"] for member in derived} == {"GROUP", "USER", "EXTERNAL"}
    assert len(everything(members, "members", groupKey="low@example.com", roles="OWNER")) == 1
    assert members.hasMember(groupKey="top@example.com", memberKey="user2@example.com").execute() == {"isMember": True}
    members.update(groupKey="low@example.com", memberKey="user2@example.com", body={"role": "MANAGER"}).execute()
    members.patch(groupKey="low@example.com", memberKey="user2@example.com", body={"role": "MEMBER"}).execute()
    assert members.get(groupKey="low@example.com", memberKey="user2@example.com").execute()["role"] == "MEMBER"
    assert [one["name"] for one in everything(directory.groups(), "groups", userKey="user2@example.com")] == ["AWS low"]
    members.delete(groupKey="low@example.com", memberKey="guest@elsewhere.example").execute()
    directory.groups().delete(groupKey="top@example.com").execute()
    refused(404, "notFound", directory.groups().get(groupKey="top@example.com"))


def the_rest(directory):
    units = directory.orgunits()
    units.insert(customerId="my_customer", body={"name": "Corp", "parentOrgUnitPath": "/"}).execute()
    units.insert(customerId="my_customer", body={"name": "North Sea", "parentOrgUnitPath": "/Corp"}).execute()
    unit = units.get(customerId="my_customer", orgUnitPath="Corp/North Sea").execute()
    assert unit["orgUnitPath"] == "/Corp/North Sea"
    directory.users().update(userKey="user3@example.com", body={"orgUnitPath": "/Corp/North Sea"}).execute()
    units.update(customerId="my_customer", orgUnitPath="Corp", body={"name": "Company"}).execute()
    units.patch(customerId="my_customer", orgUnitPath="Company", body={"description": "d"}).execute()
    assert directory.users().get(userKey="user3@example.com").execute()["orgUnitPath"] == "/Company/North Sea"
    found = units.list(customerId="my_customer", type="all").execute()["organizationUnits"]
    assert [unit["orgUnitPath"] for unit in found] == ["/Company", "/Company/North Sea"]
    found = units.list(customerId="my_customer", type="children").execute()["organizationUnits"]
    assert [unit["orgUnitPath"] for unit in found] == ["/Company"]
    found = units.list(customerId="my_customer", orgUnitPath="Company", type="children").execute()["organizationUnits"]
    assert [unit["orgUnitPath"] for unit in found] == ["/Company/North Sea"]
    refused(412, "conditionNotMet", units.delete(customerId="my_customer", orgUnitPath="Company"))
    directory.users().update(userKey="user3@example.com", body={"orgUnitPath": "/"}).execute()
    units.delete(customerId="my_customer", orgUnitPath="Company/North Sea").execute()
    schemas = directory.schemas()
    schema = {"schemaName": "Shop", "displayName": "S", "fields": [{"fieldName": "level", "fieldType": "INT64"}]}
    schemas.insert(customerId="my_customer", body=schema).execute()
    schemas.update(customerId="my_customer", schemaKey="Shop", body=schema).execute()
    schemas.patch(customerId="my_customer", schemaKey="Shop", body={"displayName": "T"}).execute()
    assert schemas.get(customerId="my_customer", schemaKey="Shop").execute()["displayName"] == "T"
    body = {"customSchemas": {"Shop": {"level": 7}}}
    directory.users().patch(userKey="user3@example.com", body=body).execute()
    user = directory.users().get(userKey="user3@example.com", projection="custom", customFieldMask="Shop").execute()
    assert user["customSchemas"] == {"Shop": {"level": "7"}}
    assert len(schemas.list(customerId="my_customer").execute()["schemas"]) == 1
    found = everything(
        directory.users(), "users", customer="my_customer", projection="custom", customFieldMask="Shop", query="Shop.level=7"
    )
    assert [user["customSchemas"] for user in found] == [{"Shop": {"level": "7"}}]
    schemas.delete(customerId="my_customer", schemaKey="Shop").execute()
    domains = directory.domains()
    domains.insert(customer="my_customer", body={"domainName": "second.example"}).execute()
    assert len(domains.list(customer="my_customer").execute()["domains"]) == 2
    assert domains.get(customer="my_customer", domainName="example.com").execute()["isPrimary"]
    domains.delete(customer="my_customer", domainName="second.example").execute()
    alias = {"domainAliasName": "alias.example"}
    emulator("POST", "/seed", {"domains": [{"domainName": "example.com", "domainAliases": [alias]}]})
    aliases = directory.domainAliases()
    assert len(aliases.list(customer="my_customer").execute()["domainAliases"]) == 1
    found = aliases.get(customer="my_customer", domainAliasName="alias.example").execute()
    assert found["parentDomainName"] == "example.com"
    customers = directory.customers()
    customers.patch(customerKey="my_customer", body={"language": "de"}).execute()
    customers.update(customerKey="my_customer", body={"phoneNumber": "+49 1"}).execute()
    customer = customers.get(customerKey="my_customer").execute()
    assert (customer["customerDomain"], customer["phoneNumber"]) == ("example.com", "+49 1"), customer


def feed_and_channels(directory, reports):
    activities = reports.activities()
    request = {"userKey": "all", "applicationName": "admin"}
    found = everything(activities, "items", **request, maxResults=7)
    names = [item["events"][0]["name"] for item in found]
    for name in ("CREATE_USER", "SUSPEND_USER", "RENAME_USER", "DELETE_USER", "UNDELETE_USER", "ADD_GROUP_MEMBER"):
        assert name in names, name
    assert len({(item["id"]["time"], item["id"]["uniqueQualifier"]) for item in found}) == len(found)
    suspended = everything(activities, "items", **request, eventName="SUSPEND_USER")
    assert {item["events"][0]["name"] for item in suspended} == {"SUSPEND_USER"}, suspended
    since = suspended[0]["id"]["time"]
    later = everything(activities, "items", **request, startTime=since)
    assert later and all(item["id"]["time"] >= since for item in later) and len(later) < len(found)
    earlier = everything(activities, "items", **request, endTime=since)
    assert len(earlier) + len(later) >= len(found)
    of_one = everything(
        activities, "items", **request, eventName="SUSPEND_USER", filters="USER_EMAIL==user1@example.com"
    )
    assert len(of_one) == 1, of_one
    body = {"id": str(uuid.uuid4()), "type": "web_hook", "address": "https://push.example/", "token": "t"}
    opened = directory.users().watch(customer="my_customer", event="update", body=body).execute()
    assert opened["kind"] == "api#channel" and opened["expiration"]
    stop = {"id": opened["id"], "resourceId": opened["resourceId"]}
    directory.channels().stop(body=stop).execute()
    body["id"] = str(uuid.uuid4())
    opened = activities.watch(**request, eventName="SUSPEND_USER", body=body).execute()
    reports.channels().stop(body={"id": opened["id"], "resourceId": opened["resourceId"]}).execute()


def batches(directory):
    answers = {}

    def note(request_id, response, exception):
        answers[request_id] = response["primaryEmail"] if response else exception.resp.status

    batch = BatchHttpRequest(callback=note, batch_uri=BASE + "/batch/admin/directory_v1")
    for name in ("user2", "user3", "nobody"):
        batch.add(directory.users().get(userKey=f"{name}@example.com"), request_id=name)
    batch.execute()
    assert answers == {"user2": "user2@example.com", "user3": "user3@example.com", "nobody": 404}, answers


def discovery(credentials):
    found = build(
        "admin", "directory_v1", credentials=credentials, static_discovery=False,
        discoveryServiceUrl=BASE + "/$discovery/rest?version={apiVersion}",
    )
    assert found.users().get(userKey=ADMIN).execute()["primaryEmail"] == ADMIN


def other_ways_in(account, key):
    own = self_signed.Credentials.from_service_account_info(key, audience="https://admin.googleapis.com/")
    refused(403, "forbidden", service(own).users().get(userKey=ADMIN))
    emulator("PUT", f"/service-accounts/{account}/role", {"role": "reader"})
    assert service(own).users().get(userKey=ADMIN).execute()["primaryEmail"] == ADMIN
    refused(400, "invalid", service(own).users().list(customer="my_customer"))
    customer = emulator("GET", "/summary")["customer"]
    assert service(own).users().list(customer=customer).execute()["users"]
    undelegated = service_account.Credentials.from_service_account_info(
        key, scopes=[AUTH + "admin.directory.device.chromeos"], subject=ADMIN
    )
    try:
        undelegated.refresh(Request())
        raise AssertionError("a scope that is not delegated was granted")
    except RefreshError as error:
        assert "unauthorized_client" in str(error), error
    machine = emulator("POST", "/service-accounts", {"name": "machine"})["email"]
    emulator("PUT", "/machine", {"service_account": machine})
    emulator("POST", f"/service-accounts/{account}/signers", {"caller": machine})
    caller = compute_engine.Credentials()
    caller.refresh(Request())
    keyless(account, caller.token)
    emulator("POST", "/federations", {"audience": AUDIENCE, "principal": "ci", "subject_token": "a.b.c"})
    emulator("POST", f"/service-accounts/{account}/signers", {"caller": "ci"})
    token_file = os.path.join(SCRATCH, "subject-token")
    with open(token_file, "w", encoding="ascii") as file:
        file.write("a.b.c")
    caller = identity_pool.Credentials.from_info({
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": BASE + "/v1/token",
        "credential_source": {"file": token_file},
    }, scopes=[AUTH + "cloud-platform"])
    caller.refresh(Request())
    keyless(account, caller.token)


def keyless(account, token):
    now = int(time.time())
    claims = {"iss": account, "sub": ADMIN, "scope": READ[0], "aud": BASE + "/token", "iat": now, "exp": now + 600}
    url = f"{BASE}/v1/projects/-/serviceAccounts/{urllib.parse.quote(account)}:signJwt"
    headers = {"Authorization": f"Bearer {token}"}
    signed = requests.post(url, headers=headers, json={"payload": json.dumps(claims)}, timeout=30).json()["signedJwt"]
    form = {"grant_type": JWT_BEARER, "assertion": signed}
    access = requests.post(BASE + "/token", data=form, timeout=30).json()["access_token"]
    url = BASE + "/admin/directory/v1/users?customer=my_customer"
    answer = requests.get(url, headers={"Authorization": f"Bearer {access}"}, timeout=30)
    assert answer.ok and answer.json()["users"], answer.text


def main():
    account, key = prepare()
    credentials = service_account.Credentials.from_service_account_info(key, scopes=EDIT, subject=ADMIN)
    directory, reports = service(credentials), service(credentials, "reports_v1")
    users(directory)
    groups(directory)
    the_rest(directory)
    feed_and_channels(directory, reports)
    batches(directory)
    discovery(credentials)
    other_ways_in(account, key)
    print("done")


main()
