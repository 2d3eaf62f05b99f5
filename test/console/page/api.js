/** The console's own server. */

async function answerOf(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

export async function post(path, wish) {
  const headers = { 'Content-Type': 'application/json' };
  return answerOf(await fetch(path, { method: 'POST', headers, body: JSON.stringify(wish) }));
}

/** A form that does `work` when it is sent, and shows beside itself why that was not possible. */
export function onSubmit(form, work) {
  const fault = form.querySelector('.fault');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    fault.textContent = '';
    try {
      await work();
    } catch (error) {
      fault.textContent = error.message;
    }
  });
}
