import { type Method, pathOf } from './api.ts';
import { json } from './exchange.ts';

/** A few of the service's regions; any other works as well, it is just not listed. */
const LOCATIONS = ['asia-east1', 'europe-west1', 'us-central1', 'us-east1'];

/** google.cloud.location.Locations.ListLocations, which `gcloud privateca locations list` calls. */
export function locationMethods(): Method[] {
  return [
    {
      http: 'GET',
      path: pathOf('(projects/[^/]+)/locations'),
      name: 'google.cloud.location.Locations.ListLocations',
      query: ['filter', 'pageSize', 'pageToken', 'extraLocationTypes'],
      run: (_, project) =>
        json({
          locations: LOCATIONS.map((id) => ({
            name: `${project}/locations/${id}`,
            locationId: id,
          })),
        }),
    },
  ];
}
