/** The rows of a statement as the driver alone streams them, once hotline has tamed it. */
export async function driverRows(settings) {
  const { default: driver } = await import('snowflake-sdk');
  const connection = driver.createConnection(settings);
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return {
    stream: (sql) =>
      new Promise((resolve, reject) => {
        const complete = (error, statement) => (error ? reject(error) : resolve(statement.streamRows()));
        connection.execute({ sqlText: sql, streamResult: true, complete });
      }),
    close: () => new Promise((resolve) => connection.destroy(resolve)),
  };
}
