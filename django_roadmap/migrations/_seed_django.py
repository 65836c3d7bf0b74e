"""The Django roadmap, as `0002_seed` plants it.

Titles are those of the seed document, word for word. The texts are our own.
"""

NODES = [
    {
        "level": 0,
        "title": "Django RoadMap",
        "summary": "From your first line of Python to a Django site that other people use.",
        "description": (
            "Django is a web framework written in Python. It answers requests, talks to a "
            "database, renders pages and includes an admin site. This roadmap has three "
            "levels: the language and a first site, the skills of everyday work, and the "
            "topics of larger sites, such as caching and background tasks.\n\n"
            "Go from top to bottom and skip what you already know. You can plan a Django site, "
            "build and test it, put it online, and explain each part of it to a colleague."
        ),
    },
    {
        "level": 1,
        "title": "Beginner Level",
        "summary": "Learn Python, build a first Django site, and meet HTML, CSS and JavaScript.",
        "description": (
            "This level takes you from no Django at all to a small site on your own computer. "
            "First comes Python, because settings, views and models are Python code. Then you "
            "install Django, answer a first request and learn how the parts of a project fit "
            "together. Last come the three languages of the browser. The later levels take all "
            "of this for granted.\n\n"
            "You can build a site of two or three linked pages, style it, and say which file "
            "produces what."
        ),
    },
    {
        "level": 2,
        "title": "Learn Python Basics",
        "summary": "The parts of Python that every Django project uses.",
        "description": (
            "Settings, views, models and tests in a Django project are all plain Python. Many "
            "errors that look like Django errors, such as a `NameError`, are Python errors, "
            "and you fix them faster when you know the language. Type the examples instead of "
            "only reading them. The step-by-step roadmap covers the same ground in [Learn "
            "Python](roadmap:django-step-by-step/learn-python).\n\n"
            "You can write a script of fifty lines that reads a text file, counts something in "
            "it and prints a sorted result."
        ),
    },
    {
        "level": 3,
        "title": "Variables and Data Types",
        "summary": (
            "Give values a name, and choose the type that fits: number, string, list, "
            "dictionary or None."
        ),
        "description": (
            "A variable is a name for a value, and every value has a type. Numbers, strings "
            "and booleans hold one thing; lists, tuples, sets and dictionaries hold several. "
            "`None` stands for no value. Assignment copies nothing: two names may refer to the "
            "same list.\n\n"
            "Django uses these types throughout: `request.GET` behaves much like a dictionary, "
            "`INSTALLED_APPS` is a list. You can pick a list, tuple, set or dictionary for a "
            'task, give your reason, and turn the string `"42"` into a number.'
        ),
        "resources": [
            (
                "official",
                "An Informal Introduction to Python",
                "https://docs.python.org/3/tutorial/introduction.html",
            ),
            (
                "official",
                "Data Structures",
                "https://docs.python.org/3/tutorial/datastructures.html",
            ),
            ("official", "Built-in Types", "https://docs.python.org/3/library/stdtypes.html"),
        ],
    },
    {
        "level": 3,
        "title": "Control Flow (if statements, loops)",
        "summary": (
            "Choose between branches with if, repeat work with for and while, and handle "
            "errors with try."
        ),
        "description": (
            "`if`, `elif` and `else` choose which lines run. A `for` loop goes through the "
            "items of a list or another iterable, `while` repeats as long as a condition "
            "holds, and `break` leaves a loop early. `try` and `except` say what happens when "
            "a line fails.\n\n"
            "Django views often branch on `form.is_valid()`, and templates have `{% if %}` and "
            "`{% for %}` tags. You can write a loop that skips bad items, stops early once it "
            "has found enough, and copes with an empty list."
        ),
        "resources": [
            (
                "official",
                "More Control Flow Tools",
                "https://docs.python.org/3/tutorial/controlflow.html",
            ),
            ("official", "Errors and Exceptions", "https://docs.python.org/3/tutorial/errors.html"),
            (
                "course",
                "Introduction to Python",
                "https://tutorial.djangogirls.org/en/python_introduction/",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Functions",
        "summary": "Name a piece of code, pass values in, and get a result back.",
        "description": (
            "A function, written with `def`, takes arguments, does one job and hands its "
            "result back with `return`. Parameters may have default values, and `*args` and "
            "`**kwargs` collect extra arguments. A decorator such as `@login_required` wraps "
            "one function in another. `import` brings functions in from other files.\n\n"
            "The most basic Django view is a function: it receives a request and returns a "
            "response. You can split a long script into small functions with clear names, move "
            "them into a module, and import them."
        ),
        "resources": [
            (
                "official",
                "Defining Functions",
                "https://docs.python.org/3/tutorial/controlflow.html#defining-functions",
            ),
            ("official", "Modules", "https://docs.python.org/3/tutorial/modules.html"),
            ("official", "Built-in Functions", "https://docs.python.org/3/library/functions.html"),
        ],
    },
    {
        "level": 3,
        "title": "Object-Oriented Programming",
        "summary": "Write classes, create objects from them, and change what a subclass inherits.",
        "description": (
            "A class describes a kind of object: its attributes hold data, and its methods "
            "work on that data through `self`. `__init__` sets up a new object. A subclass "
            "inherits from its parent and overrides what should differ; `super()` calls the "
            "parent's version of a method.\n\n"
            "Much of Django is used this way: you subclass `models.Model`, `forms.Form` or "
            "`ListView`, set attributes and override a method. You can write a class, derive a "
            "second one from it, and override a method so that it still calls the original."
        ),
        "resources": [
            ("official", "Classes", "https://docs.python.org/3/tutorial/classes.html"),
            (
                "official",
                "Introduction to class-based views",
                "https://docs.djangoproject.com/en/stable/topics/class-based-views/intro/",
            ),
        ],
    },
    {
        "level": 2,
        "title": "Django Basics",
        "summary": "Install Django, answer a first request, and learn how a project fits together.",
        "description": (
            "These four topics lead from an empty directory to a small site. You set up an "
            "environment, write a first view, learn what model, view and template mean, and "
            "connect addresses to pages. Django's own tutorial takes a similar path, so read "
            "the two side by side. In the step-by-step roadmap this is the stage [Django "
            "Basics](roadmap:django-step-by-step/django-basics), which adds forms.\n\n"
            "You can start a new project, add an app to it and show a page of your own without "
            "following a guide."
        ),
    },
    {
        "level": 3,
        "title": "Install Django",
        "summary": (
            "Create a virtual environment, install Django with pip, and start the development "
            "server."
        ),
        "description": (
            "A virtual environment is a directory with its own packages, so two projects can "
            "use different versions. `python -m venv .venv` creates one; once it is active, "
            "`python -m pip install Django` installs Django into it. Django 5.2 needs Python "
            "3.10 or later, Django 6.0 and 6.1 need 3.12 or later.\n\n"
            "`django-admin startproject mysite` creates a project, and `python manage.py "
            "runserver`, run in its directory, serves it. You can set up a project on a fresh "
            "computer and see the welcome page at `127.0.0.1:8000`."
        ),
        "resources": [
            (
                "official",
                "How to install Django",
                "https://docs.djangoproject.com/en/stable/topics/install/",
            ),
            (
                "official",
                "Virtual Environments and Packages",
                "https://docs.python.org/3/tutorial/venv.html",
            ),
            (
                "official",
                "FAQ: Installation",
                "https://docs.djangoproject.com/en/stable/faq/install/",
            ),
        ],
    },
    {
        "level": 3,
        "title": 'Create a "Hello World" App',
        "summary": (
            "Create an app, write one view, give it an address, and see its text in the browser."
        ),
        "description": (
            "`python manage.py startapp pages` creates an app, a Python package for one part "
            'of a site. In its `views.py` you write a view that returns `HttpResponse("Hello, '
            'world")`. In a `urls.py` that you add to the app, `path()` ties this view to an '
            "address, and the project's `urls.py` brings it in with `include()`.\n\n"
            "Add the app to `INSTALLED_APPS`, so that Django finds its models and templates "
            "later. You can add a second view at another address, and tell from the error page "
            "whether the view or the URL is at fault."
        ),
        "resources": [
            (
                "official",
                "Writing your first Django app, part 1",
                "https://docs.djangoproject.com/en/stable/intro/tutorial01/",
            ),
            (
                "official",
                "django-admin and manage.py",
                "https://docs.djangoproject.com/en/stable/ref/django-admin/",
            ),
            (
                "course",
                "Django Tutorial Part 2: Creating a skeleton website",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/skeleton_website",
            ),
        ],
        "prerequisites": ["functions"],
    },
    {
        "level": 3,
        "title": "Understand MVT Architecture",
        "summary": "Know what models, views and templates are each responsible for.",
        "description": (
            "MVT stands for model, view, template. A model describes data and connects it to "
            "the database. A view receives a request and decides what to answer. A template "
            "turns data into HTML. Other frameworks speak of a controller; in Django the view "
            "and the framework itself share its work.\n\n"
            "Keeping the three apart lets you change a page's look without touching its "
            "queries. You can take a line of code and say whether it belongs in a model, a "
            "view or a template."
        ),
        "resources": [
            (
                "official",
                "Django at a glance",
                "https://docs.djangoproject.com/en/stable/intro/overview/",
            ),
            ("official", "FAQ: General", "https://docs.djangoproject.com/en/stable/faq/general/"),
            (
                "course",
                "Django introduction",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/Introduction",
            ),
        ],
        "prerequisites": ["object-oriented-programming"],
    },
    {
        "level": 3,
        "title": "Work with URLs, Views, Templates",
        "summary": (
            "Map addresses to views, gather data in the view, and render it with a template."
        ),
        "description": (
            '`path("books/<int:pk>/", views.book_detail, name="book-detail")` matches an '
            "address and passes the number on as `pk`. The view gathers data and calls "
            "`render()` with the request, a template name and a context dictionary. The "
            "template prints values with `{{ }}`, repeats parts with `{% for %}`, and builds "
            "on a base template with `{% extends %}`.\n\n"
            "Almost every page of a Django site works like this. You can build a list page "
            "that links to detail pages with `{% url %}`, with no address written twice."
        ),
        "resources": [
            (
                "official",
                "Writing your first Django app, part 3",
                "https://docs.djangoproject.com/en/stable/intro/tutorial03/",
            ),
            (
                "official",
                "URL dispatcher",
                "https://docs.djangoproject.com/en/stable/topics/http/urls/",
            ),
            (
                "official",
                "Writing views",
                "https://docs.djangoproject.com/en/stable/topics/http/views/",
            ),
            (
                "official",
                "The Django template language",
                "https://docs.djangoproject.com/en/stable/ref/templates/language/",
            ),
        ],
    },
    {
        "level": 2,
        "title": "Frontend Basics",
        "summary": (
            "Learn the three languages that every browser understands: HTML, CSS and JavaScript."
        ),
        "description": (
            "Django sends text to the browser, and the browser turns it into a page. HTML "
            "gives the text its structure, CSS gives it a look, and JavaScript lets it react "
            "without loading a new page. Even if someone else designs the site, you work on "
            "templates, and most of them are HTML. In the step-by-step roadmap this is the "
            "stage [Frontend Integration](roadmap:django-step-by-step/frontend-integration).\n\n"
            "You can write a page by hand with a heading, a list, a form and a style sheet."
        ),
    },
    {
        "level": 3,
        "title": "HTML",
        "summary": "Structure a page with elements for headings, links, lists, tables and forms.",
        "description": (
            "HTML marks up text with elements: headings, paragraphs, links, lists, tables, "
            "images and forms. Elements with a meaning, such as `<nav>` and `<label>`, help "
            "screen readers and search engines. In a `<form>`, `action` and `method` say where "
            "the data goes and how, and each field's `name` becomes a key in `request.GET` or "
            "`request.POST`.\n\n"
            "Most Django templates are HTML with gaps. You can write a valid page with a "
            "labelled form by hand and predict what data a view receives from it."
        ),
        "resources": [
            (
                "official",
                "Structuring content with HTML",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core/Structuring_content",
            ),
            (
                "official",
                "Forms and buttons in HTML",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core/Structuring_content/HTML_forms",
            ),
            (
                "official",
                "Working with forms",
                "https://docs.djangoproject.com/en/stable/topics/forms/",
            ),
        ],
    },
    {
        "level": 3,
        "title": "CSS",
        "summary": "Control how a page looks and how it fits wide and narrow screens.",
        "description": (
            "A CSS rule has a selector, which picks elements, and declarations, which set "
            "their size, spacing or font. When rules disagree, the cascade decides. Flexbox "
            "and grid arrange a page, and media queries adapt it to narrow screens.\n\n"
            "In Django, style sheets are static files: they live in an app's `static` "
            "directory, and templates link to them with `{% static %}`. You can build a page "
            "whose two columns become one on a phone, and find out in the browser's tools why "
            "a rule fails."
        ),
        "resources": [
            (
                "official",
                "CSS styling basics",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core/Styling_basics",
            ),
            (
                "official",
                "CSS layout",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core/CSS_layout",
            ),
            (
                "official",
                "How to manage static files (e.g. images, JavaScript, CSS)",
                "https://docs.djangoproject.com/en/stable/howto/static-files/",
            ),
        ],
    },
    {
        "level": 3,
        "title": "JavaScript",
        "summary": "Make a page react to clicks and fetch data without loading a new page.",
        "description": (
            "JavaScript runs in the browser. It finds elements with "
            "`document.querySelector()`, reacts to events through `addEventListener()` and "
            "changes what is on the page. `fetch()` asks the server for data, and a Django "
            "view can answer with a `JsonResponse`.\n\n"
            "Many Django pages need little of it, but live search or a chat depends on it. A "
            "`POST` from a script needs the CSRF token, usually in an `X-CSRFToken` header. "
            "You can send a form with `fetch()`, show the answer on the page, and handle a "
            "request that fails."
        ),
        "resources": [
            (
                "official",
                "Dynamic scripting with JavaScript",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core/Scripting",
            ),
            (
                "official",
                "Making network requests with JavaScript",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Core/Scripting/Network_requests",
            ),
            (
                "official",
                "How to use Django's CSRF protection",
                "https://docs.djangoproject.com/en/stable/howto/csrf/",
            ),
        ],
    },
    {
        "level": 1,
        "title": "Intermediate Level",
        "summary": (
            "Build an application with data, accounts and tests, keep it in Git, and put it online."
        ),
        "description": (
            "At this level a few pages become an application that other people use. You store "
            "data in models and ask for it with query sets, decide who may see what, and give "
            "the site's owner an admin to work in. Then come version control, tests and "
            "readable code, which keep such a project alive. The last section puts it on a "
            "server and gives it an API.\n\n"
            "You can build, test and publish a small application with accounts, and change it "
            "safely a month later."
        ),
    },
    {
        "level": 2,
        "title": "Core Django Concepts",
        "summary": (
            "The five parts of Django that almost every project uses, and how they depend on "
            "each other."
        ),
        "description": (
            "Models describe the data, query sets fetch it, authentication tells you who is "
            "asking, middleware runs around every request, and the admin lets staff edit the "
            "records. Most of the Django code you meet belongs to one of these five parts. The "
            "step-by-step roadmap covers the same ground in one stage, [Core "
            "Concepts](roadmap:django-step-by-step/core-concepts), and goes on in [Database "
            "Management](roadmap:django-step-by-step/database-management).\n\n"
            "You can take a short description of an application and name the models, queries "
            "and permissions it needs."
        ),
    },
    {
        "level": 3,
        "title": "Models and ORM",
        "summary": "Describe your data as Python classes and let migrations build the tables.",
        "description": (
            "A model is a subclass of `models.Model` in an app's `models.py`. Most fields "
            "become columns and each saved object becomes a row; the object-relational mapper "
            "(ORM) writes the SQL. `ForeignKey` and `ManyToManyField` connect one model to "
            "another. After a change, `makemigrations` writes a migration file and `migrate` "
            "applies it.\n\n"
            "Forms, the admin and most views start from models, so design them with care. You "
            "can model authors and their books, create the tables, and add a field later "
            "without losing data."
        ),
        "resources": [
            ("official", "Models", "https://docs.djangoproject.com/en/stable/topics/db/models/"),
            (
                "official",
                "Migrations",
                "https://docs.djangoproject.com/en/stable/topics/migrations/",
            ),
            (
                "official",
                "Model field reference",
                "https://docs.djangoproject.com/en/stable/ref/models/fields/",
            ),
            (
                "course",
                "Django Tutorial Part 3: Using models",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/Models",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Query Sets",
        "summary": (
            "Ask the database for exactly the rows a page needs, and know when the query runs."
        ),
        "description": (
            "A `QuerySet` is a database query written in Python. "
            '`Book.objects.filter(year=2024).order_by("title")` narrows and sorts, `exclude()` '
            "leaves rows out, `annotate()` adds a count or a sum to each row, and a lookup "
            "such as `author__name` follows a relation. Query sets are lazy: the query runs "
            "only when you use the result, for example in a loop. Knowing that moment explains "
            "many slow pages.\n\n"
            "You can write the query behind a search page and say how often it reaches the "
            "database."
        ),
        "resources": [
            (
                "official",
                "Making queries",
                "https://docs.djangoproject.com/en/stable/topics/db/queries/",
            ),
            (
                "official",
                "QuerySet API reference",
                "https://docs.djangoproject.com/en/stable/ref/models/querysets/",
            ),
            (
                "official",
                "Aggregation",
                "https://docs.djangoproject.com/en/stable/topics/db/aggregation/",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Authentication",
        "summary": "Let people log in, know who they are in a view, and decide what they may do.",
        "description": (
            "`django.contrib.auth` brings user accounts, password hashing, groups, "
            "permissions, and views to log in, log out and reset a password, but none to "
            "register. In a view, `request.user` is the person behind the request, or an "
            "`AnonymousUser`. `login_required` and `LoginRequiredMixin` send visitors to the "
            "login page. Permissions cover a whole model; for one person's records, filter by "
            "`request.user`. Set your own user model in `AUTH_USER_MODEL` before the first "
            "migration, because a later switch is hard.\n\n"
            "You can let people register, log in and edit only what belongs to them."
        ),
        "resources": [
            (
                "official",
                "User authentication in Django",
                "https://docs.djangoproject.com/en/stable/topics/auth/",
            ),
            (
                "official",
                "Using the Django authentication system",
                "https://docs.djangoproject.com/en/stable/topics/auth/default/",
            ),
            (
                "official",
                "Customizing authentication in Django",
                "https://docs.djangoproject.com/en/stable/topics/auth/customizing/",
            ),
            (
                "course",
                "Django Tutorial Part 8: User authentication and permissions",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/Authentication",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Middleware",
        "summary": (
            "The layers that every request passes before your view, and every response passes "
            "after it."
        ),
        "description": (
            "Middleware is code that wraps every view. A request passes the entries of the "
            "`MIDDLEWARE` setting from top to bottom, and the response returns through them in "
            "reverse. Sessions, `request.user`, CSRF protection and security headers come from "
            "here. Order matters: `AuthenticationMiddleware` reads the session, so it stands "
            "after `SessionMiddleware`. When a request is redirected or refused before your "
            "view runs, look here first.\n\n"
            "You can say what each entry in a new project's `MIDDLEWARE` does and why it "
            "stands where it does."
        ),
        "resources": [
            (
                "official",
                "Middleware",
                "https://docs.djangoproject.com/en/stable/topics/http/middleware/",
            ),
            (
                "official",
                "Built-in middleware classes",
                "https://docs.djangoproject.com/en/stable/ref/middleware/",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Admin Customization",
        "summary": (
            "Shape Django's generated admin pages so that the people who edit the data can "
            "work with them."
        ),
        "description": (
            "The admin builds pages to list, search, add and change the records of the models "
            "you register. You shape them with a `ModelAdmin` class in `admin.py`: "
            "`list_display` picks the columns, `list_filter` and `search_fields` help to find "
            "a record, inlines edit related objects on the same page, and actions change many "
            "rows at once. The admin is meant for trusted staff, not for the public.\n\n"
            "You can turn a bare admin page into one that a colleague uses without asking you."
        ),
        "resources": [
            (
                "official",
                "The Django admin site",
                "https://docs.djangoproject.com/en/stable/ref/contrib/admin/",
            ),
            (
                "official",
                "Admin actions",
                "https://docs.djangoproject.com/en/stable/ref/contrib/admin/actions/",
            ),
            (
                "official",
                "Writing your first Django app, part 7",
                "https://docs.djangoproject.com/en/stable/intro/tutorial07/",
            ),
            (
                "course",
                "Django Tutorial Part 4: Django admin site",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/Admin_site",
            ),
        ],
    },
    {
        "level": 2,
        "title": "Software Engineering Principles",
        "summary": (
            "Three habits that keep a project changeable: version control, tests and readable code."
        ),
        "description": (
            "Code that works today has to survive next year's changes. Git records what was "
            "changed and why, so a mistake can be undone. Tests tell you whether a change "
            "broke something. Readable code lets the next person, who is often you, find the "
            "place to edit. The [Final Projects](roadmap:django-step-by-step/final-projects) "
            "of the step-by-step roadmap are a good place to practise all three.\n\n"
            "You can change a feature in a project you last saw months ago and show that the "
            "rest still works."
        ),
    },
    {
        "level": 3,
        "title": "Version Control (Git)",
        "summary": (
            "Record every change to a project as a commit, and keep each piece of work on its "
            "own branch."
        ),
        "description": (
            "Git keeps the history of a project as commits: snapshots, each with a message "
            "that says why. `git switch -c` starts a branch for one piece of work, `git merge` "
            "brings it back, `git push` shares it, and `git bisect` searches for the commit "
            "that broke something. Migration files are committed like any other code. The "
            "virtual environment, the local database and files with secrets belong in "
            "`.gitignore`.\n\n"
            "You can work on a branch, resolve a conflict while merging it, and find the "
            "commit that introduced a bug."
        ),
        "resources": [
            (
                "official",
                "gittutorial - A tutorial introduction to Git",
                "https://git-scm.com/docs/gittutorial",
            ),
            (
                "official",
                "gitignore - Specifies intentionally untracked files to ignore",
                "https://git-scm.com/docs/gitignore",
            ),
            (
                "book",
                "Basic Branching and Merging",
                "https://git-scm.com/book/en/v2/Git-Branching-Basic-Branching-and-Merging",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Testing (Unit and Integration)",
        "summary": (
            "Write code that checks your code, from a single model method to a whole request."
        ),
        "description": (
            "A unit test checks one piece, such as a model method. An integration test checks "
            "that URL, view, template and database work together. Put both in `tests.py` or in "
            "files named `test_*.py`, and run `python manage.py test`. Django creates a test "
            "database, and `TestCase` undoes the changes of each test. "
            '`self.client.get("/books/")` requests a page without a browser. Tests show what a '
            "Django upgrade breaks before your visitors notice.\n\n"
            "You can write a failing test for a bug, fix the bug, and see the test pass."
        ),
        "resources": [
            (
                "official",
                "Writing and running tests",
                "https://docs.djangoproject.com/en/stable/topics/testing/overview/",
            ),
            (
                "official",
                "Testing tools",
                "https://docs.djangoproject.com/en/stable/topics/testing/tools/",
            ),
            (
                "official",
                "Writing your first Django app, part 5",
                "https://docs.djangoproject.com/en/stable/intro/tutorial05/",
            ),
            (
                "course",
                "Django Tutorial Part 10: Testing a Django web application",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/Testing",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Clean Code Practices",
        "summary": "Write code that another developer can read once and change with confidence.",
        "description": (
            "In clean code, names say what things are, a function does one job, and each rule "
            "is written down once. In Django this means short views: rules about data live in "
            "models or plain functions, and repeated filters become methods of a custom "
            "`QuerySet`. PEP 8 describes the layout, and tools such as Black or `ruff format` "
            "apply one, so a review can be about what the code does.\n\n"
            "You can split a view of a hundred lines into named parts while its tests stay "
            "green."
        ),
        "resources": [
            ("official", "PEP 8, Style Guide for Python Code", "https://peps.python.org/pep-0008/"),
            (
                "official",
                "Coding style",
                "https://docs.djangoproject.com/en/stable/internals/contributing/writing-code/coding-style/",
            ),
            (
                "official",
                "Design philosophies",
                "https://docs.djangoproject.com/en/stable/misc/design-philosophies/",
            ),
            ("official", "The Ruff Formatter", "https://docs.astral.sh/ruff/formatter/"),
        ],
    },
    {
        "level": 2,
        "title": "Deployment and APIs",
        "summary": "Put your project on a server for people, and open its data to other programs.",
        "description": (
            "So far your project has answered only your own browser. Deployment puts it on a "
            "server with a domain, HTTPS and a production database, where other people can use "
            "it. An API gives the same data to other programs, usually as JSON. Both make you "
            "ask who is allowed to see what. The step-by-step roadmap has a stage for each: "
            "[Deployment](roadmap:django-step-by-step/deployment) and [RESTful "
            "APIs](roadmap:django-step-by-step/restful-apis).\n\n"
            "You can give somebody an address and let them use your application from a browser "
            "or from a script."
        ),
    },
    {
        "level": 3,
        "title": "Deploy Django Applications",
        "summary": (
            "Run a project on a public server with safe settings, static files and its own "
            "database."
        ),
        "description": (
            "`runserver` is for development only. In production a server such as Gunicorn "
            "(WSGI) or Uvicorn (ASGI) runs your project, often behind nginx. Set `DEBUG = "
            "False` and `ALLOWED_HOSTS`, read `SECRET_KEY` and the database password from the "
            "environment, run `migrate`, and gather static files with `collectstatic`. `python "
            "manage.py check --deploy` then warns about settings that are still unsafe.\n\n"
            "You can publish a project, release a new version of it, and find the error log "
            "when a page fails."
        ),
        "resources": [
            (
                "official",
                "How to deploy Django",
                "https://docs.djangoproject.com/en/stable/howto/deployment/",
            ),
            (
                "official",
                "Deployment checklist",
                "https://docs.djangoproject.com/en/stable/howto/deployment/checklist/",
            ),
            (
                "official",
                "How to deploy static files",
                "https://docs.djangoproject.com/en/stable/howto/static-files/deployment/",
            ),
            (
                "course",
                "Django Tutorial Part 11: Deploying Django to production",
                "https://developer.mozilla.org/en-US/docs/Learn_web_development/Extensions/Server-side/Django/Deployment",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Create RESTful APIs",
        "summary": (
            "Offer your data to other programs as JSON over HTTP with Django REST framework."
        ),
        "description": (
            "A REST API offers data at URLs, and the HTTP method says what to do: `GET` reads, "
            "`POST` creates, `PUT` and `PATCH` change, `DELETE` removes. With Django REST "
            "framework you build one on your models. A `ModelSerializer` turns objects into "
            "JSON and checks what comes in, a `ModelViewSet` holds the actions, a router makes "
            "the URLs, and permission classes decide who may call them. This is how mobile "
            "apps reach Django.\n\n"
            "You can publish a model so that anyone may read it and only owners may change it."
        ),
        "resources": [
            (
                "official",
                "Quickstart",
                "https://www.django-rest-framework.org/tutorial/quickstart/",
            ),
            (
                "official",
                "Tutorial 1: Serialization",
                "https://www.django-rest-framework.org/tutorial/1-serialization/",
            ),
            (
                "official",
                "Permissions",
                "https://www.django-rest-framework.org/api-guide/permissions/",
            ),
            (
                "article",
                "HTTP request methods",
                "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Methods",
            ),
        ],
        "prerequisites": ["models-and-orm", "authentication"],
    },
    {
        "level": 1,
        "title": "Advanced Level",
        "summary": "Live updates, many visitors, and frontends that are programs of their own.",
        "description": (
            "These topics are for sites that have outgrown plain requests and responses: "
            "something happens without being asked for, a page is visited a thousand times a "
            "minute, or the frontend is a program of its own. Few sites need all of it, and "
            "each part has a price in machines and in things that can fail. You can say from "
            "measurements which of these parts a site needs, and add that part alone."
        ),
    },
    {
        "level": 2,
        "title": "Advanced Topics",
        "summary": "Real-time pages, GraphQL, middleware of your own, and asynchronous code.",
        "description": (
            "What these four have in common is that they change how a request is answered. "
            "They build on a good knowledge of HTTP and of how Django handles a request. The "
            "[stage of the same name](roadmap:django-step-by-step/advanced-topics) in the "
            "step-by-step roadmap covers Channels and asynchronous code, and adds background "
            "tasks and security. You can say for each of them what problem it solves, and what "
            "it costs to run."
        ),
    },
    {
        "level": 3,
        "title": "Django Channels (Real-time applications)",
        "summary": "WebSockets and other long connections, handled by Django.",
        "description": (
            "With HTTP the browser asks and the server answers. Channels adds connections that "
            "stay open, above all WebSockets, so that a server can speak first: chats, live "
            "counters, notifications. Consumers take the place of views, and a channel layer, "
            "usually Redis, lets processes talk to each other. `AuthMiddlewareStack` tells a "
            "consumer who is connected, and `AllowedHostsOriginValidator` refuses connections "
            "from pages of other sites. You can build a chat room that works with two server "
            "processes, and keep strangers out of it."
        ),
        "resources": [
            (
                "official",
                "Tutorial Part 1: Basic Setup",
                "https://channels.readthedocs.io/en/stable/tutorial/part_1.html",
            ),
            (
                "official",
                "Channel Layers",
                "https://channels.readthedocs.io/en/stable/topics/channel_layers.html",
            ),
            (
                "official",
                "Security",
                "https://channels.readthedocs.io/en/stable/topics/security.html",
            ),
            (
                "official",
                "The WebSocket API (WebSockets)",
                "https://developer.mozilla.org/en-US/docs/Web/API/WebSockets_API",
            ),
        ],
        "prerequisites": ["authentication"],
    },
    {
        "level": 3,
        "title": "GraphQL APIs",
        "summary": "An API in which the client says which fields it wants.",
        "description": (
            "GraphQL has one address and a schema of types. A client sends a query that names "
            "the fields it needs, also of related objects, and gets those alone. That suits "
            "apps with many different screens; it also makes caching, permissions and costly "
            "queries your concern. In Django, libraries such as Strawberry and Graphene build "
            "the schema from your models. You can write a schema with a query and a mutation, "
            "and keep it from asking the database once for each row."
        ),
        "resources": [
            ("official", "Introduction", "https://graphql.org/learn/introduction"),
            ("official", "Schemas and Types", "https://graphql.org/learn/schema"),
            ("official", "Quick Start", "https://strawberry.rocks/docs/django"),
            ("official", "Query Optimizer", "https://strawberry.rocks/docs/django/guide/optimizer"),
        ],
        "prerequisites": ["create-restful-apis"],
    },
    {
        "level": 3,
        "title": "Custom Middleware",
        "summary": "A layer of your own around all views of a site.",
        "description": (
            "You write a function that takes `get_response` and returns the middleware, a "
            "function that takes a request and returns a response. Code before the call to "
            "`get_response(request)` runs before the view, code after it runs once the "
            "response is there. Use middleware for what concerns every page, such as a header "
            "or timing, not for what concerns one. You can write a middleware with a test, put "
            "it in the right place of `MIDDLEWARE`, and make it work for asynchronous views."
        ),
        "resources": [
            (
                "official",
                "Writing your own middleware",
                "https://docs.djangoproject.com/en/stable/topics/http/middleware/#writing-your-own-middleware",
            ),
            (
                "official",
                "Asynchronous support",
                "https://docs.djangoproject.com/en/stable/topics/async/",
            ),
        ],
        "prerequisites": ["middleware"],
    },
    {
        "level": 3,
        "title": "Asynchronous Programming",
        "summary": "Code that waits for many things at once without a thread for each.",
        "description": (
            "`async def` makes a function that can pause at `await` while others run. It helps "
            "where a view waits for other servers, or holds many connections open; it does not "
            "make calculations faster. Django runs asynchronous views under WSGI too, but only "
            "ASGI lets them hold many connections open. The ORM has methods such as `aget()`, "
            "and `sync_to_async()` wraps synchronous code, such as a transaction. You can "
            "write a view that asks three services at the same time, and explain what blocks "
            "the event loop."
        ),
        "resources": [
            (
                "official",
                "Asynchronous support",
                "https://docs.djangoproject.com/en/stable/topics/async/",
            ),
            (
                "official",
                "asyncio: Asynchronous I/O",
                "https://docs.python.org/3/library/asyncio.html",
            ),
            (
                "official",
                "Coroutines and tasks",
                "https://docs.python.org/3/library/asyncio-task.html",
            ),
            (
                "official",
                "How to deploy with ASGI",
                "https://docs.djangoproject.com/en/stable/howto/deployment/asgi/",
            ),
        ],
        "prerequisites": ["functions"],
    },
    {
        "level": 2,
        "title": "Performance and Scalability",
        "summary": "Fast pages, and a site that stays fast when visitors come.",
        "description": (
            "Measure first: most slow pages ask the database too often, some compute the same "
            "result again and again, and some make the visitor wait for work that could be "
            "done later. Each of these three topics deals with one cause. In the step-by-step "
            "roadmap, background tasks are part of [Advanced "
            "Topics](roadmap:django-step-by-step/advanced-topics). You can find out where the "
            "time of a slow page goes, and show with numbers that a change has helped."
        ),
    },
    {
        "level": 3,
        "title": "Optimize Database Queries",
        "summary": "Fewer queries, smaller ones, and indexes for those that stay.",
        "description": (
            "A loop that reads a related object for each row makes one query per row. "
            "`select_related()` joins the related rows into the first query, and "
            "`prefetch_related()` adds one query for all of them; Django 6.1 adds fetch modes. "
            "`only()`, `values()` and `exists()` read less, `explain()` shows the database's "
            "plan, and an index lets it skip most rows. You can bring a list page from a "
            "hundred queries to three, and keep it there with `assertNumQueries()` in a test."
        ),
        "resources": [
            (
                "official",
                "Database access optimization",
                "https://docs.djangoproject.com/en/stable/topics/db/optimization/",
            ),
            (
                "official",
                "Fetch modes",
                "https://docs.djangoproject.com/en/stable/topics/db/fetch-modes/",
            ),
            (
                "official",
                "Model index reference",
                "https://docs.djangoproject.com/en/stable/ref/models/indexes/",
            ),
            (
                "official",
                "Using EXPLAIN",
                "https://www.postgresql.org/docs/current/using-explain.html",
            ),
        ],
        "prerequisites": ["query-sets"],
    },
    {
        "level": 3,
        "title": "Use Caching Strategies",
        "summary": "Results that are kept, so that the same work is not done twice.",
        "description": (
            "Django's cache framework keeps values in memory, Redis, Memcached or a database. "
            "A whole site, one view, a part of a template or a single value can be kept, and "
            "HTTP headers let browsers and proxies keep pages, too. The hard part is to know "
            "when a kept value is out of date. You can choose cache keys and timeouts for a "
            "busy page, and make sure that nobody sees a page that was cached for another "
            "user."
        ),
        "resources": [
            (
                "official",
                "Django's cache framework",
                "https://docs.djangoproject.com/en/stable/topics/cache/",
            ),
            (
                "official",
                "Conditional View Processing",
                "https://docs.djangoproject.com/en/stable/topics/conditional-view-processing/",
            ),
            (
                "official",
                "HTTP caching",
                "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Caching",
            ),
        ],
    },
    {
        "level": 3,
        "title": "Implement Background Tasks (Celery)",
        "summary": "Work that is done after the answer has been sent, or at a set time.",
        "description": (
            "Sending mail, making a report or calling a slow service should not keep a visitor "
            "waiting. Celery takes tasks through a broker such as Redis or RabbitMQ and runs "
            "them in worker processes. It can retry a failed task if you ask for it, and beat "
            "starts tasks on a schedule. Django 6.0 added a tasks framework, but no worker: "
            "its built-in backends are for development and tests. You can write a task that "
            "may safely run twice, start it after a transaction commits, and see when it "
            "fails."
        ),
        "resources": [
            (
                "official",
                "First steps with Django",
                "https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html",
            ),
            ("official", "Tasks", "https://docs.celeryq.dev/en/stable/userguide/tasks.html"),
            (
                "official",
                "Django's Tasks framework",
                "https://docs.djangoproject.com/en/stable/topics/tasks/",
            ),
        ],
        "prerequisites": ["deploy-django-applications"],
    },
    {
        "level": 2,
        "title": "Full-Stack Development",
        "summary": "A Django backend, a frontend framework, and containers around both.",
        "description": (
            "Some sites need pages that act like programs; their frontend is then written in a "
            "framework and talks to Django through an API. Containers start both the same way "
            "on every computer. The step-by-step roadmap has this as [Full-Stack "
            "Development](roadmap:django-step-by-step/full-stack-development). You can start a "
            "project of backend, frontend and database on a fresh computer with one command."
        ),
    },
    {
        "level": 3,
        "title": "Integrate Frontend Frameworks (Vue.js, React)",
        "summary": "Pages made of components in the browser, with data from Django.",
        "description": (
            "Vue.js and React build a page from components that are drawn again when their "
            "data changes. Django serves the data as JSON. It may also serve the pages that "
            "load the components, or leave all pages to the frontend. Sign-in, CSRF "
            "protection, URLs and translations then concern both sides and need a plan. You "
            "can add one component to a Django template and, in another project, build a "
            "frontend that signs in to an API."
        ),
        "resources": [
            (
                "official",
                "Ways of Using Vue",
                "https://vuejs.org/guide/extras/ways-of-using-vue.html",
            ),
            ("official", "Quick Start", "https://vuejs.org/guide/quick-start.html"),
            (
                "official",
                "Add React to an Existing Project",
                "https://react.dev/learn/add-react-to-an-existing-project",
            ),
            (
                "official",
                "How to use Django's CSRF protection",
                "https://docs.djangoproject.com/en/stable/howto/csrf/",
            ),
        ],
        "prerequisites": ["javascript", "create-restful-apis"],
    },
    {
        "level": 3,
        "title": "Use Docker for Containerization",
        "summary": (
            "Pack an application with all it needs into an image, and run it as a container."
        ),
        "description": (
            "An image holds Python, your packages and your code; a container is a running "
            "image. A `Dockerfile` says how the image is made, and Compose starts several "
            "containers together, such as Django, PostgreSQL and Redis. The server then runs "
            "the same image as your computer, if both have the same kind of processor. You can "
            "write a small image that does not run as root, keep data in a volume, and run "
            "migrations in a container."
        ),
        "resources": [
            (
                "official",
                "What is a container?",
                "https://docs.docker.com/get-started/docker-concepts/the-basics/what-is-a-container/",
            ),
            (
                "official",
                "Docker Compose Quickstart",
                "https://docs.docker.com/compose/gettingstarted/",
            ),
            (
                "official",
                "Containerize a Django application",
                "https://docs.docker.com/guides/django/",
            ),
        ],
        "prerequisites": ["deploy-django-applications"],
    },
]
