"""Another city system that speaks Open311: report with any HTTP client, follow with any client of Open311."""

import os

import httpx
from georeport import GeoReport

endpoint = f"{os.environ['LIVELIHOOD_URL']}/open311/v2"
client = GeoReport(endpoint)
print([service["service_code"] for service in client.get_service_list()][:3], "...")
answer = httpx.post(
    f"{endpoint}/requests.json",
    data={
        "api_key": os.environ["LIVELIHOOD_TOKEN"],
        "service_code": "blocked-drain",
        "address_string": "12 Happiness Road",
        "description": "The drain in front of number 12 overflows",
    },
)
print(answer.status_code, answer.text)
answer.raise_for_status()
number = answer.json()[0]["service_request_id"]
print(client.get_service_request(number)["status"])
